// IEEE half precision, as files hold it; nothing here computes in it.
#pragma once

#include <cmath>
#include <cstdint>

namespace rc {

// The value of the bits of a half, exactly.
inline double half_value(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double value = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024, exponent - 25);
  if (exponent == 31) value = fraction == 0 ? HUGE_VAL : std::nan("");
  return bits >> 15 ? -value : value;
}

}  // namespace rc
