// The header of NumPy's .npy format, versions 1 to 3: type, order and shape of the array behind it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rc {

struct NpyHeader {
  std::string type;            // "<f4"; what it may be is the reader's affair
  bool fortran = false;        // first index fastest
  std::vector<int64_t> shape;  // each extent at most 2^40
  size_t data = 0;             // where the array begins
};

// Throws Error(data) that names `name` where the bytes do not begin as an .npy file.
NpyHeader read_npy_header(std::string_view bytes, const std::string& name);

// Version 1.0, C order; as NumPy pads it, to a multiple of 64 bytes.
std::string npy_header(std::string_view type, std::span<const int64_t> shape);

}  // namespace rc
