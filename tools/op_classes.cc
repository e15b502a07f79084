#include "tools/op_classes.h"

#include <algorithm>

namespace rc {

std::string class_of(const ProfiledOp& op) {
  const auto is = [&](const char* start) { return op.name.starts_with(start); };
  if (op.phase == Phase::update) return "update";
  if (is("conv2d.data_grad")) return "conv dx";
  if (is("conv2d.weight_grad")) return "conv dw";
  if (is("conv2d")) return "conv";
  if (is("depthwise")) return "depthwise";
  if (is("batch_norm") || is("gated_norm")) return "norm";
  if (is("max_pool") || is("global_average_pool")) return "pool";
  if (is("squeeze_excite")) return "SE";
  return "other";
}

std::vector<ProfileGroup> by_class(const StepProfile& profile) {
  const std::vector<ProfileGroup> found = grouped(profile, class_of);
  std::vector<ProfileGroup> out;
  for (const std::string& name : kOpClasses) {
    const auto group = std::ranges::find(found, name, &ProfileGroup::name);
    out.push_back(group == found.end() ? ProfileGroup{.name = name} : *group);
  }
  return out;
}

}  // namespace rc
