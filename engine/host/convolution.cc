#include "engine/host/convolution.h"

#include "engine/host/direct.h"
#include "engine/host/isa.h"
#include "engine/host/onednn.h"
#include "engine/host/weight_gradient.h"
#include "engine/host/winograd.h"

namespace rc {

bool own_bf16() {
  return host_target() == Target::avx512 && __builtin_cpu_supports("avx512bf16") && !onednn_has_amx();
}

std::unique_ptr<Plan> host_plan(const ConvDesc& d, Direction direction, const Policy& policy) {
  if (auto plan = direct_plan(d, direction, policy)) return plan;
  if (auto plan = winograd_plan(d, direction, policy)) return plan;
  if (direction == Direction::weight_gradient)
    if (auto plan = weight_gradient_plan(d, policy)) return plan;
  return onednn_plan(d, direction, policy);
}

std::unique_ptr<FusedConvolution> host_fused(const ConvDesc& d, const Epilogue& epilogue,
                                             const Policy& policy) {
  if (auto fused = direct_fused(d, epilogue)) return fused;
  if (auto fused = winograd_fused(d, epilogue, policy)) return fused;
  return onednn_fused(d, epilogue, policy);
}

}  // namespace rc
