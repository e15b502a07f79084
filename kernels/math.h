// Mathematical functions for kernel bodies: the same arithmetic on every target. exp and log are written out
// here so that a loop over them vectorises; the C functions below them are one library symbol for all
// targets.
#pragma once

#include <math.h>

#include <cstdint>

#include "engine/dtype.h"
#include "engine/target.h"

namespace rc {

template <class T>
RC_INLINE T min(T a, T b) {  // a if either is NaN
  return b < a ? b : a;
}
template <class T>
RC_INLINE T max(T a, T b) {  // a if either is NaN
  return a < b ? b : a;
}

RC_INLINE float abs(float x) { return ::fabsf(x); }
RC_INLINE double abs(double x) { return ::fabs(x); }
RC_INLINE float sqrt(float x) { return ::sqrtf(x); }
RC_INLINE double sqrt(double x) { return ::sqrt(x); }
RC_INLINE float fma(float a, float b, float c) { return ::fmaf(a, b, c); }  // a * b + c, rounded once
RC_INLINE float floor(float x) { return ::floorf(x); }
RC_INLINE float sin(float x) { return ::sinf(x); }
RC_INLINE float cos(float x) { return ::cosf(x); }
RC_INLINE float acos(float x) { return ::acosf(x); }
RC_INLINE float atan2(float y, float x) { return ::atan2f(y, x); }
RC_INLINE double pow(double x, double y) { return ::pow(x, y); }
RC_INLINE bool finite(float x) { return (bits_of(x) & 0x7f800000u) != 0x7f800000u; }

// e^x within 2 units in the last place; subnormal results, infinities and NaN included. e^x = 2^n p by x = n
// ln 2 + r with |r| <= ln 2 / 2 and a polynomial of degree 6 for p = e^r (Cephes).
RC_INLINE float exp(float x) {
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.0f ? -104.0f : x;
  const float shifted = fma(x, 1.44269504089f, 12582912.0f);  // 1.5 * 2^23: its low bits are round(x / ln 2)
  const float n = shifted - 12582912.0f;
  const float r = fma(n, 2.12194440e-4f, fma(n, -0.693359375f, x));  // n ln 2 in two parts, the first exact
  float p = 1.9875691500e-4f;
  p = fma(p, r, 1.3981999507e-3f);
  p = fma(p, r, 8.3334519073e-3f);
  p = fma(p, r, 4.1665795894e-2f);
  p = fma(p, r, 1.6666665459e-1f);
  p = fma(p, r, 5.0000001201e-1f);
  p = fma(p, r * r, r) + 1.0f;
  const int32_t power = int32_t(bits_of(shifted) - 0x4b400000u),
                half = power >> 1;  // 2^n as two factors: each is
  return p * float_of(uint32_t(half + 127) << 23) *
         float_of(uint32_t(power - half + 127) << 23);  // a normal float
}

// e^-x within 2 units in the last place, for x from kLeastExponent to kGreatestExponent; NaN stays NaN. It is
// 2^n 2^r, where n + r = -x / ln 2 and |r| <= 1/2: a polynomial whose greatest relative error is the least
// (2e-9) for 2^r, to whose exponent n is added. Every instruction counts here: SiLU is computed of each
// activation, several times a step.
inline constexpr float kLeastExponent = -88, kGreatestExponent = 87;
RC_INLINE float exp_minus(float x) {
  const float shifted = fma(x, -1.44269502f, 12582912.0f);  // 1.5 * 2^23: its low bits are n
  const float n = shifted - 12582912.0f;
  const float r = fma(x, -1.92596303e-8f, fma(x, -1.44269502f, -n));  // 1 / ln 2 in two parts
  float p = 1.53533101e-4f;
  p = fma(p, r, 1.33989389e-3f);
  p = fma(p, r, 9.61843798e-3f);
  p = fma(p, r, 5.55033232e-2f);
  p = fma(p, r, 2.40226479e-1f);
  p = fma(p, r, 6.93147203e-1f);
  p = fma(p, r, 1.0f);
  return float_of(bits_of(p) + (bits_of(shifted) << 23));
}

// 1 + e^-x, at most 1 + e^88; sigmoid(x) = 1 / (1 + e^-x) within 3 units in the last place where it is at
// least 1e-38, and silu(x) = x sigmoid(x).
RC_INLINE float one_plus_exp_minus(float x) {
  return 1 + exp_minus(max(min(x, kGreatestExponent), kLeastExponent));
}
RC_INLINE float sigmoid(float x) { return 1 / one_plus_exp_minus(x); }
RC_INLINE float silu(float x) { return x / one_plus_exp_minus(x); }

// ln x within 2 units in the last place; -inf at 0, NaN below, subnormal arguments, infinity and NaN
// included. x = 2^n m with m in [1/sqrt 2, sqrt 2), and a polynomial in m - 1 (Cephes).
RC_INLINE float log(float x) {
  const bool subnormal = x < 1.17549435e-38f;
  const uint32_t u = bits_of(subnormal ? x * 8388608.0f : x) - 0x3f3504f3u;  // counted from 1/sqrt 2
  const float n = float(int32_t(u) >> 23) - (subnormal ? 23.0f : 0.0f);
  const float f = float_of((u & 0x007fffffu) + 0x3f3504f3u) - 1.0f, square = f * f;
  float p = 7.0376836292e-2f;
  p = fma(p, f, -1.1514610310e-1f);
  p = fma(p, f, 1.1676998740e-1f);
  p = fma(p, f, -1.2420140846e-1f);
  p = fma(p, f, 1.4249322787e-1f);
  p = fma(p, f, -1.6668057665e-1f);
  p = fma(p, f, 2.0000714765e-1f);
  p = fma(p, f, -2.4999993993e-1f);
  p = fma(p, f, 3.3333331174e-1f);
  const float tail = fma(n, -2.12194440e-4f, p * f * square);
  float y = fma(n, 0.693359375f, f + fma(square, -0.5f, tail));
  y = x == 0.0f ? float_of(0xff800000u) : y;
  y = x < 0.0f ? float_of(0x7fc00000u) : y;
  return x < float_of(0x7f800000u) ? y : x + x;  // infinity and NaN stay what they are
}

}  // namespace rc
