// Element types of tensors, and bfloat16 as a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "engine/target.h"

namespace rc {

enum class DType : uint8_t { f32, bf16, u8, i32, i64 };

constexpr size_t size_of(DType t) {
  switch (t) {
    case DType::f32:
      return 4;
    case DType::bf16:
      return 2;
    case DType::u8:
      return 1;
    case DType::i32:
      return 4;
    case DType::i64:
      return 8;
  }
  return 0;
}

constexpr const char* name_of(DType t) {
  switch (t) {
    case DType::f32:
      return "f32";
    case DType::bf16:
      return "bf16";
    case DType::u8:
      return "u8";
    case DType::i32:
      return "i32";
    case DType::i64:
      return "i64";
  }
  return "?";
}

// The bits of a float and back; std::bit_cast is not callable on the GPU.
RC_INLINE uint32_t bits_of(float x) {
  uint32_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}
RC_INLINE float float_of(uint32_t u) {
  float x;
  memcpy(&x, &u, sizeof x);
  return x;
}

// The upper half of an IEEE float; conversion rounds to nearest even and keeps NaN a NaN.
struct Bf16 {
  uint16_t bits;

  Bf16() = default;
  RC_INLINE explicit Bf16(float x) {
    const uint32_t u = bits_of(x);
    const bool nan = (u & 0x7fffffffu) > 0x7f800000u;
    bits = uint16_t((nan ? u | 0x00400000u : u + 0x7fffu + (u >> 16 & 1u)) >> 16);
  }
  RC_INLINE operator float() const { return float_of(uint32_t(bits) << 16); }
};

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>) return DType::f32;
  if constexpr (std::is_same_v<T, Bf16>) return DType::bf16;
  if constexpr (std::is_same_v<T, uint8_t>) return DType::u8;
  if constexpr (std::is_same_v<T, int32_t>) return DType::i32;
  if constexpr (std::is_same_v<T, int64_t>) return DType::i64;
}

}  // namespace rc
