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
// N(0, 2 / fan_out), fan_out = R * S * K: torchvision's choice for convolutions (He et al., ICCV 2015).
Initial kaiming_normal(uint64_t seed, const std::string& name, int64_t fan_out);
// U(-1/sqrt(fan_in), 1/sqrt(fan_in)): PyTorch's choice for linear layers, weight and bias alike.
Initial linear_uniform(uint64_t seed, const std::string& name, int64_t fan_in);
Initial constant(float value);

}  // namespace rc
