// Tensors as files hold them: what every format of weights is read into and written from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dtype.h"

namespace rc {

// By increasing alignment, in the order of safetensors' reference; its files hold them the other way round.
enum class StoredType : uint8_t { boolean, u8, i8, i16, u16, f16, bf16, i32, u32, f32, f64, i64, u64 };

size_t size_of(StoredType);           // bytes of an element
const char* name_of(StoredType);      // as safetensors spells it: "F32"
std::string names_of_stored_types();  // "BOOL U8 ... U64"
std::optional<StoredType> stored_type(std::string_view name);
StoredType stored_type(DType);
bool is_floating(StoredType);

struct StoredTensor {
  std::string name;
  StoredType type = StoredType::f32;
  std::vector<int64_t> shape;  // [] is a scalar
  std::string bytes;           // little-endian, C order, exactly size_of(type) * product of shape
};

// Element i as double; exact but for integers beyond 2^53.
double element(const StoredTensor&, size_t i);
int64_t count_of(const StoredTensor&);  // of elements

// Bytes of a tensor of this shape; nothing where a size is negative or they do not fit 64 bits.
std::optional<uint64_t> bytes_of(StoredType, const std::vector<int64_t>& shape);

std::string shape_text(const std::vector<int64_t>&);  // "64x3x7x7"; "scalar"

// One file of weights.
struct TensorFile {
  std::vector<StoredTensor> tensors;  // in the order of the file
  std::map<std::string, std::string>
      metadata;                       // in safetensors, "format": "pt" makes other loaders accept it
  std::vector<std::string> warnings;  // what was left out when it was read, and why

  const StoredTensor* find(std::string_view name) const;  // nullptr where there is none
};

}  // namespace rc
