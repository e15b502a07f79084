#include "model/weights/stored_tensor.h"

#include <array>
#include <cstring>

#include "engine/half.h"

namespace rc {
namespace {

struct TypeFacts {
  StoredType type;
  const char* name;
  size_t size;
};
constexpr std::array kTypes = {
    TypeFacts{StoredType::boolean, "BOOL", 1}, TypeFacts{StoredType::u8, "U8", 1},
    TypeFacts{StoredType::i8, "I8", 1},        TypeFacts{StoredType::i16, "I16", 2},
    TypeFacts{StoredType::u16, "U16", 2},      TypeFacts{StoredType::f16, "F16", 2},
    TypeFacts{StoredType::bf16, "BF16", 2},    TypeFacts{StoredType::i32, "I32", 4},
    TypeFacts{StoredType::u32, "U32", 4},      TypeFacts{StoredType::f32, "F32", 4},
    TypeFacts{StoredType::f64, "F64", 8},      TypeFacts{StoredType::i64, "I64", 8},
    TypeFacts{StoredType::u64, "U64", 8},
};
static_assert([] {
  for (size_t i = 0; i < kTypes.size(); ++i)
    if (size_t(kTypes[i].type) != i) return false;
  return true;
}());

template <class T>
T value_at(const StoredTensor& t, size_t i) {
  T value;
  std::memcpy(&value, t.bytes.data() + i * sizeof value, sizeof value);
  return value;
}

}  // namespace

size_t size_of(StoredType type) { return kTypes[size_t(type)].size; }
const char* name_of(StoredType type) { return kTypes[size_t(type)].name; }

std::string names_of_stored_types() {
  std::string names;
  for (const TypeFacts& t : kTypes) names += (names.empty() ? "" : " ") + std::string(t.name);
  return names;
}

std::optional<StoredType> stored_type(std::string_view name) {
  for (const TypeFacts& t : kTypes)
    if (t.name == name) return t.type;
  return std::nullopt;
}

StoredType stored_type(DType type) {
  switch (type) {
    case DType::f32:
      return StoredType::f32;
    case DType::bf16:
      return StoredType::bf16;
    case DType::u8:
      return StoredType::u8;
    case DType::i32:
      return StoredType::i32;
    case DType::i64:
      return StoredType::i64;
  }
  return StoredType::f32;
}

bool is_floating(StoredType type) {
  return type == StoredType::f16 || type == StoredType::bf16 || type == StoredType::f32 ||
         type == StoredType::f64;
}

double element(const StoredTensor& t, size_t i) {
  switch (t.type) {
    case StoredType::boolean:
      return t.bytes[i] != 0;
    case StoredType::u8:
      return value_at<uint8_t>(t, i);
    case StoredType::i8:
      return value_at<int8_t>(t, i);
    case StoredType::i16:
      return value_at<int16_t>(t, i);
    case StoredType::u16:
      return value_at<uint16_t>(t, i);
    case StoredType::f16:
      return half_value(value_at<uint16_t>(t, i));
    case StoredType::bf16:
      return double(float(value_at<Bf16>(t, i)));
    case StoredType::i32:
      return value_at<int32_t>(t, i);
    case StoredType::u32:
      return value_at<uint32_t>(t, i);
    case StoredType::f32:
      return double(value_at<float>(t, i));
    case StoredType::f64:
      return value_at<double>(t, i);
    case StoredType::i64:
      return double(value_at<int64_t>(t, i));
    case StoredType::u64:
      return double(value_at<uint64_t>(t, i));
  }
  return 0;
}

int64_t count_of(const StoredTensor& t) { return int64_t(t.bytes.size() / size_of(t.type)); }

std::optional<uint64_t> bytes_of(StoredType type, const std::vector<int64_t>& shape) {
  uint64_t bytes = size_of(type);
  for (const int64_t n : shape)
    if (n < 0 || __builtin_mul_overflow(bytes, uint64_t(n), &bytes)) return std::nullopt;
  return bytes;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t n : shape) text += (text.empty() ? "" : "x") + std::to_string(n);
  return text.empty() ? "scalar" : text;
}

const StoredTensor* TensorFile::find(std::string_view name) const {
  for (const StoredTensor& tensor : tensors)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

}  // namespace rc
