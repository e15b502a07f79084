// First values of parameters, drawn from counter-based numbers: a parameter's values depend on the seed and
// its name alone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace rc {

// FNV-1a: a stream of random numbers a name.
uint32_t stream_of(const std::string& name);

using Initial = std::function<void(std::vector<float>&)>;

// N(0, 1).
Initial standard_normal(uint64_t seed, const std::string& name);
// N(0, 2 / fan_out), fan_out = R * S * K / groups: the choice of torchvision's ResNet, Xception's authors and
// timm's EfficientNet (He et al., ICCV 2015). torchvision and Xception do not divide by the groups; where a
// batch norm follows, as it does everywhere here, that changes no activation.
Initial kaiming_normal(uint64_t seed, const std::string& name, int64_t fan_out);
// U(-1/sqrt(fan_in), 1/sqrt(fan_in)): PyTorch's choice for linear layers, weight and bias alike. The heads of
// all backbones have it: they are new layers of two classes, not the published ones.
Initial linear_uniform(uint64_t seed, const std::string& name, int64_t fan_in);
Initial constant(float value);

}  // namespace rc
