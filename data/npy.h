// NumPy's .npy files, versions 1 to 3. Values are read as double whatever their type in the file, which is
// exact but for integers beyond 2^53; those are refused.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rc {

struct NpyArray {
  std::vector<int64_t> shape;  // empty for a scalar
  std::vector<double> values;  // in C order, whatever the order in the file
};

// Reads <f2 <f4 <f8 |u1 |i1 <i2 <i4 <i8 |b1 and their big-endian kin. Throws Error(data) that names `name`
// when the bytes are no such file, are truncated, hold Python objects or more than `value_limit` values.
NpyArray decode_npy(std::string_view bytes, const std::string& name,
                    uint64_t value_limit = uint64_t(1) << 26);
NpyArray read_npy(const std::filesystem::path&);

// Version 1.0, '<f4', C order; values.size() is the product of the shape.
std::string encode_npy(std::span<const float> values, std::span<const int64_t> shape);

}  // namespace rc
