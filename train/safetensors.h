// The safetensors format: named tensors and string metadata in one file. Same tensors, same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dtype.h"

namespace rc {

struct StoredTensor {
  std::string name;
  DType dtype = DType::f32;
  std::vector<int64_t> shape;  // [] is a scalar
  std::string bytes;           // little-endian, C order, exactly size_of(dtype) * product of shape
};

struct Safetensors {
  std::vector<StoredTensor> tensors;            // in the order of the file
  std::map<std::string, std::string> metadata;  // "format": "pt" makes other loaders accept the file

  const StoredTensor* find(std::string_view name) const;  // nullptr where there is none
};

// Tensors by decreasing alignment of their type, then by name, as the reference writer orders them. Names
// must differ and sizes must fit their shapes (a failed check otherwise).
std::string encode_safetensors(const Safetensors&);

// Throws Error(data) that names `name` for anything that is not exactly the format: bad lengths, offsets that
// overlap, leave holes or miss the end, duplicate names, overflowing shapes, types other than F32 BF16 U8 I32
// I64.
Safetensors decode_safetensors(std::string_view bytes, const std::string& name);

void write_safetensors(const std::filesystem::path&, const Safetensors&);
Safetensors read_safetensors(const std::filesystem::path&);

}  // namespace rc
