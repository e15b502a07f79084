// The PNGs that crops of faces are kept as, 8-bit RGB without interlacing or transparency, twice as fast as
// libspng reads them: libdeflate inflates all at once what zlib inflates piece by piece.
#include <immintrin.h>
#include <libdeflate.h>

#include <cstring>
#include <memory>

#include "data/codec.h"

namespace rc {
namespace {

uint32_t big_endian(const char* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return __builtin_bswap32(value);
}

struct Free {
  void operator()(libdeflate_decompressor* inflater) const { libdeflate_free_decompressor(inflater); }
};

// The compressed rows of a file that this reader is for; empty for any other, damaged ones included.
std::string compressed_rows(const Encoded& file, uint32_t& height, uint32_t& width) {
  constexpr size_t kSignature = 8, kFrame = 12;  // of a chunk: length, type, check sum
  std::string rows;
  bool header = false, ended = false;  // a chunk of another type has followed the rows
  for (size_t at = kSignature; file.bytes.size() - at >= kFrame;) {
    const char* chunk = file.bytes.data() + at;
    const uint32_t length = big_endian(chunk);
    if (length > file.bytes.size() - at - kFrame) return {};
    const std::string_view type(chunk + 4, 4), content(chunk + 8, length);
    if (libdeflate_crc32(0, chunk + 4, length + 4) != big_endian(chunk + 8 + length)) return {};
    at += length + kFrame;
    if (header != (type != "IHDR")) return {};  // first, and once
    if (type == "IHDR") {
      // Depth, colour type, compression, filter method, interlacing.
      if (length != 13 || content.substr(8) != std::string_view("\x08\x02\0\0\0", 5)) return {};
      width = big_endian(content.data()), height = big_endian(content.data() + 4);
      header = true;
    } else if (type == "IDAT") {
      if (ended) return {};
      rows += content;
    } else if (type == "IEND") {
      return rows;
    } else if (type == "tRNS" || type == "eXIf" || type[0] < 'a') {
      return {};  // changes the picture, or may
    }
    ended = !rows.empty() && type != "IDAT";
  }
  return {};
}

// The channels of a pixel in three 16-bit lanes. Reads one byte more.
__m128i lanes_of(const uint8_t* pixel) {
  int32_t bytes;
  std::memcpy(&bytes, pixel, sizeof bytes);
  return _mm_cvtepu8_epi16(_mm_cvtsi32_si128(bytes));
}

// Adds to each pixel what predict(left, above, above left) says. `in` and `above` have a byte more than the
// row.
template <class Predict>
void add_predictions(const uint8_t* in, const uint8_t* above, uint8_t* out, size_t n,
                     const Predict& predict) {
  __m128i left = _mm_setzero_si128(), corner = left;
  for (size_t i = 0; i < n; i += 3) {
    const __m128i up = lanes_of(above + i);
    const __m128i sum = _mm_add_epi16(lanes_of(in + i), predict(left, up, corner));
    left = _mm_and_si128(sum, _mm_set1_epi16(255)), corner = up;
    const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(left, left));
    std::memcpy(out + i, &bytes, 3);
  }
}

// Whichever of the three is nearest to left + above - corner; the first of them where some are as near.
__m128i paeth(__m128i left, __m128i above, __m128i corner) {
  const __m128i a = _mm_sub_epi16(above, corner), b = _mm_sub_epi16(left, corner);
  const __m128i to_left = _mm_abs_epi16(a), to_above = _mm_abs_epi16(b),
                to_corner = _mm_abs_epi16(_mm_add_epi16(a, b));
  const __m128i least = _mm_min_epi16(to_left, _mm_min_epi16(to_above, to_corner));
  const __m128i other = _mm_blendv_epi8(corner, above, _mm_cmpeq_epi16(least, to_above));
  return _mm_blendv_epi8(other, left, _mm_cmpeq_epi16(least, to_left));
}

// A row from its filtered form; `above` is zero for the first one.
bool unfilter(int filter, const uint8_t* in, const uint8_t* above, uint8_t* out, size_t n) {
  switch (filter) {
    case 0:
      std::memcpy(out, in, n);
      return true;
    case 1:
      add_predictions(in, above, out, n, [](__m128i left, __m128i, __m128i) { return left; });
      return true;
    case 2:
#pragma omp simd
      for (size_t i = 0; i < n; ++i) out[i] = uint8_t(in[i] + above[i]);
      return true;
    case 3:
      add_predictions(in, above, out, n, [](__m128i left, __m128i up, __m128i) {
        return _mm_srli_epi16(_mm_add_epi16(left, up), 1);
      });
      return true;
    case 4:
      add_predictions(in, above, out, n, paeth);
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<Image> decode_plain_png(const Encoded& file) {
  uint32_t height = 0, width = 0;
  const std::string compressed = compressed_rows(file, height, width);
  if (compressed.empty() || height == 0 || width == 0 || height > file.pixel_limit / width)
    return std::nullopt;
  const size_t row = size_t(width) * 3;
  constexpr size_t kDensest = 1032;  // bytes that deflate can make of one: no memory for what cannot be there
  if ((row + 1) * height / kDensest > compressed.size()) return std::nullopt;
  std::vector<uint8_t> filtered((row + 1) * height + 1);  // a byte to read beyond
  static thread_local const std::unique_ptr<libdeflate_decompressor, Free> inflater(
      libdeflate_alloc_decompressor());
  if (!inflater ||
      libdeflate_zlib_decompress(inflater.get(), compressed.data(), compressed.size(), filtered.data(),
                                 filtered.size() - 1, nullptr) != LIBDEFLATE_SUCCESS)
    return std::nullopt;
  Image image{int(height), int(width)};
  const std::vector<uint8_t> nothing(row + 1);
  const uint8_t* above = nothing.data();
  for (uint32_t y = 0; y < height; ++y) {
    const uint8_t* in = filtered.data() + y * (row + 1);
    uint8_t* out = image.at(int(y), 0);
    if (!unfilter(in[0], in + 1, above, out, row)) return std::nullopt;
    above = out;
  }
  return image;
}

}  // namespace rc
