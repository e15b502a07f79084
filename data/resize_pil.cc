// PIL's Image.resize: a kernel that grows with the scale, one direction after the other.
#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "data/resize_passes.h"

namespace rc {
namespace {

constexpr int kBits = 22;  // of fraction in a weight: 255 * 2^22 with head room in 32 bits, as PIL

// How one output position is made of input positions first .. first + count - 1.
struct Taps {
  int longest = 0;  // weights kept per output
  std::vector<int> first, count;
  std::vector<int32_t> weight;  // [out, longest], fixed point, each row sums to about 1
};

// The kernel around the output pixel's centre, cut at the border and normalised.
Taps taps_of(int in, int out, const PilKernel& kernel) {
  const double scale = double(in) / out, widening = std::max(scale, 1.0), support = kernel.support * widening;
  Taps taps;
  taps.longest = 2 * int(std::ceil(support)) + 1;
  taps.first.resize(size_t(out)), taps.count.resize(size_t(out));
  taps.weight.resize(size_t(out) * size_t(taps.longest));
  std::vector<double> row(size_t(taps.longest));
  for (int o = 0; o < out; ++o) {
    const double centre = (o + 0.5) * scale;
    const int begin = std::max(0, int(centre - support + 0.5)),
              end = std::min(in, int(centre + support + 0.5));
    double sum = 0;
    for (int i = begin; i < end; ++i)
      sum += row[size_t(i - begin)] = kernel.weight(std::abs(i - centre + 0.5) * (1 / widening));
    taps.first[size_t(o)] = begin, taps.count[size_t(o)] = end - begin;
    for (int i = 0; i < end - begin; ++i) {
      const double exact = row[size_t(i)] / sum * (1 << kBits);
      taps.weight[size_t(o) * size_t(taps.longest) + size_t(i)] =
          int32_t(exact < 0 ? exact - 0.5 : exact + 0.5);
    }
  }
  return taps;
}

// The three channels of a pixel in three of four lanes. Reads one byte more.
__m128i lanes_of(const uint8_t* pixel) {
  int32_t bytes;
  std::memcpy(&bytes, pixel, sizeof bytes);
  return _mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes));
}

__m128i times(__m128i lanes, int32_t weight) { return _mm_mullo_epi32(lanes, _mm_set1_epi32(weight)); }

// Sums of four vectors as bytes: shifted and cut to 0..255.
__m128i to_bytes(__m128i a, __m128i b, __m128i c, __m128i d) {
  const auto shifted = [](__m128i sum) { return _mm_srai_epi32(sum, kBits); };
  return _mm_packus_epi16(_mm_packs_epi32(shifted(a), shifted(b)), _mm_packs_epi32(shifted(c), shifted(d)));
}

// Four rows at a time, which share the weights; rows below the last one stand for it.
Image resize_width(const Image& in, int width, const PilKernel& kernel) {
  const Taps taps = taps_of(in.width, width, kernel);
  Image out(in.height, width);
  const size_t row = size_t(in.width) * 3;
  std::vector<uint8_t> last(in.at(in.height - 1, 0), in.at(in.height - 1, 0) + row);
  last.push_back(0);  // the byte that lanes_of reads beyond the image
  const __m128i half = _mm_set1_epi32(1 << (kBits - 1));
  for (int y = 0; y < in.height; y += 4) {
    const uint8_t* from[4];
    uint8_t* to[4];
    for (int r = 0; r < 4; ++r) {
      const int at = std::min(y + r, in.height - 1);
      from[r] = at == in.height - 1 ? last.data() : in.at(at, 0), to[r] = out.at(at, 0);
    }
    for (int x = 0; x < width; ++x) {
      const int32_t* weight = taps.weight.data() + size_t(x) * size_t(taps.longest);
      size_t at = size_t(taps.first[size_t(x)]) * 3;
      __m128i a = half, b = half, c = half, d = half;
      for (int i = 0; i < taps.count[size_t(x)]; ++i, at += 3) {
        a = _mm_add_epi32(a, times(lanes_of(from[0] + at), weight[i]));
        b = _mm_add_epi32(b, times(lanes_of(from[1] + at), weight[i]));
        c = _mm_add_epi32(c, times(lanes_of(from[2] + at), weight[i]));
        d = _mm_add_epi32(d, times(lanes_of(from[3] + at), weight[i]));
      }
      alignas(16) uint8_t pixels[16];
      _mm_store_si128(reinterpret_cast<__m128i*>(pixels), to_bytes(a, b, c, d));
      for (int r = 0; r < 4; ++r) std::memcpy(to[r] + 3 * x, pixels + 4 * r, 3);
    }
  }
  return out;
}

// Sixteen values of a row at a time; what is left of it one by one.
Image resize_height(const Image& in, int height, const PilKernel& kernel) {
  const Taps taps = taps_of(in.height, height, kernel);
  Image out(height, in.width);
  const size_t row = size_t(in.width) * 3;
  const __m128i half = _mm_set1_epi32(1 << (kBits - 1));
  for (int y = 0; y < height; ++y) {
    const int32_t* weight = taps.weight.data() + size_t(y) * size_t(taps.longest);
    const uint8_t* from = in.at(taps.first[size_t(y)], 0);
    const int count = taps.count[size_t(y)];
    uint8_t* to = out.at(y, 0);
    size_t j = 0;
    for (; j + 16 <= row; j += 16) {
      __m128i a = half, b = half, c = half, d = half;
      for (int i = 0; i < count; ++i) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + size_t(i) * row + j));
        a = _mm_add_epi32(a, times(_mm_cvtepu8_epi32(bytes), weight[i]));
        b = _mm_add_epi32(b, times(_mm_cvtepu8_epi32(_mm_srli_si128(bytes, 4)), weight[i]));
        c = _mm_add_epi32(c, times(_mm_cvtepu8_epi32(_mm_srli_si128(bytes, 8)), weight[i]));
        d = _mm_add_epi32(d, times(_mm_cvtepu8_epi32(_mm_srli_si128(bytes, 12)), weight[i]));
      }
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + j), to_bytes(a, b, c, d));
    }
    for (; j < row; ++j) {
      int32_t sum = 1 << (kBits - 1);
      for (int i = 0; i < count; ++i) sum += from[size_t(i) * row + j] * weight[i];
      to[j] = uint8_t(std::clamp(sum >> kBits, 0, 255));
    }
  }
  return out;
}

}  // namespace

double triangle_weight(double distance) { return std::max(0.0, 1.0 - distance); }

double bicubic_weight(double distance) {
  constexpr double a = -0.5;
  if (distance < 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  if (distance < 2) return (((distance - 5) * distance + 8) * distance - 4) * a;
  return 0;
}

Image resize_pil(const Image& image, int height, int width, const PilKernel& kernel) {
  if (image.width == width) return resize_height(image, height, kernel);
  if (image.height == height) return resize_width(image, width, kernel);
  return resize_height(resize_width(image, width, kernel), height, kernel);
}

}  // namespace rc
