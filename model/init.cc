#include "model/init.h"

#include <cmath>
#include <numbers>

#include "engine/rng.h"

namespace rc {

uint32_t stream_of(const std::string& name) {
  uint32_t hash = 2166136261u;
  for (const char c : name) hash = (hash ^ uint8_t(c)) * 16777619u;
  return hash;
}

namespace {

Initial normal(uint64_t seed, const std::string& name, double deviation) {
  return [=](std::vector<float>& values) {
    Rng rng(seed, Purpose::init, stream_of(name));
    for (float& v : values) {  // Box-Muller; one of the pair is enough
      const double radius = std::sqrt(-2 * std::log(double(rng.uniform_open0())));
      v = float(deviation * radius * std::cos(2 * std::numbers::pi * double(rng.uniform())));
    }
  };
}

}  // namespace

Initial standard_normal(uint64_t seed, const std::string& name) { return normal(seed, name, 1); }

Initial kaiming_normal(uint64_t seed, const std::string& name, int64_t fan_out) {
  return normal(seed, name, std::sqrt(2.0 / double(fan_out)));
}

Initial linear_uniform(uint64_t seed, const std::string& name, int64_t fan_in) {
  return [=](std::vector<float>& values) {
    Rng rng(seed, Purpose::init, stream_of(name));
    const float bound = 1 / std::sqrt(float(fan_in));
    for (float& v : values) v = rng.uniform(-bound, bound);
  };
}

Initial constant(float value) {
  return [=](std::vector<float>& values) { values.assign(values.size(), value); };
}

}  // namespace rc
