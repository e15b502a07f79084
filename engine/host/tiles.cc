#include "engine/host/tiles.h"

namespace rc {

RC_AVX512 void transpose(const float* from, int64_t step, int64_t rows, int64_t width, float* to,
                         int64_t to_step, int64_t filled) {
  const __mmask16 wide = __mmask16((1 << width) - 1), written = __mmask16((1 << filled) - 1);
  __m512 a[16], b[16];
  RC_UNROLL
  for (int i = 0; i < 16; ++i) a[i] = _mm512_maskz_loadu_ps(i < rows ? wide : 0, from + i * step);
  RC_UNROLL
  for (int i = 0; i < 16; i += 2) {  // pairs of rows by pairs of values
    b[i] = _mm512_maskz_unpacklo_ps(0xffff, a[i], a[i + 1]);
    b[i + 1] = _mm512_maskz_unpackhi_ps(0xffff, a[i], a[i + 1]);
  }
  RC_UNROLL
  for (int i = 0; i < 16; ++i) {  // four rows by one value of each quarter
    const __m512d low = _mm512_castps_pd(b[i / 4 * 4 + i % 4 / 2]),
                  high = _mm512_castps_pd(b[i / 4 * 4 + i % 4 / 2 + 2]);
    a[i] = _mm512_castpd_ps(i % 2 == 0 ? _mm512_maskz_unpacklo_pd(0xff, low, high)
                                       : _mm512_maskz_unpackhi_pd(0xff, low, high));
  }
  RC_UNROLL
  for (int i = 0; i < 4; ++i) {  // value i of every quarter: all rows
    const __m512 even_low = _mm512_maskz_shuffle_f32x4(0xffff, a[i], a[i + 4], 0x88),
                 even_high = _mm512_maskz_shuffle_f32x4(0xffff, a[i + 8], a[i + 12], 0x88),
                 odd_low = _mm512_maskz_shuffle_f32x4(0xffff, a[i], a[i + 4], 0xdd),
                 odd_high = _mm512_maskz_shuffle_f32x4(0xffff, a[i + 8], a[i + 12], 0xdd);
    b[i] = _mm512_maskz_shuffle_f32x4(0xffff, even_low, even_high, 0x88);
    b[i + 4] = _mm512_maskz_shuffle_f32x4(0xffff, odd_low, odd_high, 0x88);
    b[i + 8] = _mm512_maskz_shuffle_f32x4(0xffff, even_low, even_high, 0xdd);
    b[i + 12] = _mm512_maskz_shuffle_f32x4(0xffff, odd_low, odd_high, 0xdd);
  }
  for (int64_t i = 0; i < width; ++i) _mm512_mask_storeu_ps(to + i * to_step, written, b[i]);
}

}  // namespace rc
