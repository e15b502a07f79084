// Weights, inputs and sample positions of the golden files, bit for bit as make_golden.py makes them; nothing
// large is stored.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

namespace rc::golden {

// FNV-1a, 64 bits.
inline uint64_t key(std::string_view name) {
  uint64_t h = 0xCBF29CE484222325;
  for (unsigned char byte : name) h = (h ^ byte) * 0x100000001B3;
  return h;
}

// The finaliser of splitmix64.
inline uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// Uniform in [-1, 1) with 52 bits.
inline double value(std::string_view name, uint64_t index) {
  return double(mix(key(name) + index * 0x9E3779B97F4A7C15) >> 11) * 0x1p-52 - 1;
}

inline std::vector<double> values(std::string_view name, size_t count) {
  std::vector<double> out(count);
  for (size_t i = 0; i < count; ++i) out[i] = value(name, i);
  return out;
}

// A parameter by torchvision's name, in PyTorch's shape and row-major order: convolutions are [K, C, R, S].
inline std::vector<float> parameter(std::string_view name, const std::vector<int64_t>& shape) {
  size_t count = 1, fan_in = 1;
  for (size_t d = 0; d < shape.size(); ++d) count *= size_t(shape[d]), fan_in *= d ? size_t(shape[d]) : 1;
  std::vector<float> out(count);
  for (size_t i = 0; i < count; ++i) {
    const double u = value(name, i);
    out[i] = float(shape.size() == 4          ? u * std::sqrt(6.0 / double(fan_in))
                   : shape.size() == 2        ? u * std::sqrt(1.0 / double(fan_in))
                   : name.ends_with("weight") ? 1 + 0.1 * u
                                              : 0.1 * u);
  }
  return out;
}

// An input batch [N, 3, H, W] (PyTorch's order) by its name.
inline std::vector<float> image_batch(std::string_view name, int64_t n, int64_t height, int64_t width) {
  std::vector<float> out(size_t(n * 3 * height * width));
  for (size_t i = 0; i < out.size(); ++i) out[i] = float(2 * value(name, i));
  return out;
}

// Where sample j of a tensor of `count` elements is taken.
inline size_t sample_position(std::string_view name, int j, size_t count) {
  return size_t(mix(key(name) + uint64_t(j)) % count);
}

}  // namespace rc::golden
