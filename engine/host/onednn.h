// oneDNN's convolutions and GEMM as plans.
#pragma once

#include <memory>
#include <string>

#include "engine/device.h"

namespace rc {

std::string onednn_version();  // "oneDNN 2.6.3"
bool onednn_has_bf16();        // this processor has instructions for it that oneDNN uses: AVX512_BF16 or AMX
bool onednn_has_amx();
std::unique_ptr<Plan> onednn_plan(const ConvDesc&, Direction, const Policy&);
std::unique_ptr<Plan> onednn_plan(const GemmDesc&, const Policy&);
std::unique_ptr<FusedConvolution> onednn_fused(const ConvDesc&, const Epilogue&, const Policy&);

}  // namespace rc
