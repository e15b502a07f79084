#include "data/image_header.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace rc {
namespace {

uint32_t byte_at(std::string_view bytes, size_t at) { return uint8_t(bytes[at]); }
uint32_t big16(std::string_view bytes, size_t at) { return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1); }
uint32_t big32(std::string_view bytes, size_t at) { return big16(bytes, at) << 16 | big16(bytes, at + 2); }
uint32_t little16(std::string_view bytes, size_t at) {
  return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8;
}
uint32_t little32(std::string_view bytes, size_t at) {
  return little16(bytes, at) | little16(bytes, at + 2) << 16;
}

std::optional<ImageHeader> sized(const char* format, int64_t width, int64_t height, int quality = 0) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (width <= 0 || height <= 0 || width > kMost || height > kMost) return std::nullopt;
  return ImageHeader{format, int(width), int(height), quality};
}

using Table = std::array<int, 64>;

// ITU-T T.81, table K.1, in the zigzag order in which files have it.
constexpr Table kLuminance = {16, 11, 12,  14,  12,  10, 16, 14,  13,  14,  18,  17,  16, 19,  24,  40,
                              26, 24, 22,  22,  24,  49, 35, 37,  29,  40,  58,  51,  61, 60,  57,  51,
                              56, 55, 64,  72,  92,  78, 64, 68,  87,  69,  55,  56,  80, 109, 81,  87,
                              95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99};

// As libjpeg scales it (jpeg_quality_scaling, jpeg_add_quant_table).
int scaled(int entry, int quality) {
  const int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return std::min(std::max((entry * percent + 50) / 100, 1), 255);
}

int quality_of(const Table& table) {
  int best = 0, least = std::numeric_limits<int>::max();
  for (int quality = 1; quality <= 100; ++quality) {
    int difference = 0;
    for (size_t i = 0; i < table.size(); ++i)
      difference += std::abs(table[i] - scaled(kLuminance[i], quality));
    if (difference < least) least = difference, best = quality;
  }
  return best;
}

// Segments up to the frame header: 0xFF, marker, length of what follows with itself.
std::optional<ImageHeader> jpeg_header(std::string_view bytes) {
  int quality = 0;
  for (size_t at = 2; at + 4 <= bytes.size();) {
    if (byte_at(bytes, at) != 0xFF) return std::nullopt;
    const uint32_t marker = byte_at(bytes, at + 1);
    if (marker == 0xFF) {  // padding
      ++at;
      continue;
    }
    const size_t length = big16(bytes, at + 2), body = at + 4, end = at + 2 + length;
    if (length < 2) return std::nullopt;
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) {
      if (length < 7 || body + 5 > bytes.size()) return std::nullopt;
      return sized("JPEG", big16(bytes, body + 3), big16(bytes, body + 1), quality);
    }
    if (marker == 0xDB && end <= bytes.size() && length >= 2 + 65 &&
        byte_at(bytes, body) == 0) {  // 8-bit table 0
      Table table;
      for (size_t i = 0; i < table.size(); ++i) table[i] = int(byte_at(bytes, body + 1 + i));
      quality = quality_of(table);
    }
    at = end;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ImageHeader> image_header(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8\xFF")) return jpeg_header(bytes);
  if (bytes.starts_with("\x89PNG\r\n\x1A\n") && bytes.size() >= 24)
    return sized("PNG", big32(bytes, 16), big32(bytes, 20));
  if ((bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) && bytes.size() >= 10)
    return sized("GIF", little16(bytes, 6), little16(bytes, 8));
  if (bytes.starts_with("BM") && bytes.size() >= 26)  // a height below 0: the top row first
    return sized("BMP", little32(bytes, 18), std::abs(int64_t(int32_t(little32(bytes, 22)))));
  return std::nullopt;
}

}  // namespace rc
