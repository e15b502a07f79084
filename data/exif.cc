#include "data/exif.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace rc {
namespace {

// Integers of either byte order at any offset; outside the bytes everything reads as 0.
struct Reader {
  std::string_view bytes;
  bool big_endian;

  uint32_t byte(size_t at) const { return at < bytes.size() ? uint8_t(bytes[at]) : 0; }
  uint32_t u16(size_t at) const {
    return big_endian ? byte(at) << 8 | byte(at + 1) : byte(at + 1) << 8 | byte(at);
  }
  uint32_t u32(size_t at) const {
    return big_endian ? u16(at) << 16 | u16(at + 2) : u16(at + 2) << 16 | u16(at);
  }
};

}  // namespace

int tiff_orientation(std::string_view tiff) {
  constexpr uint32_t kOrientation = 0x0112, kShort = 3;
  const bool big = tiff.starts_with(std::string_view("MM\0*", 4));
  if (!big && !tiff.starts_with(std::string_view("II*\0", 4))) return 1;
  const Reader read{tiff, big};
  const size_t directory = read.u32(4);
  const size_t room = tiff.size() > directory + 2 ? (tiff.size() - directory - 2) / 12 : 0;
  const size_t entries = std::min<size_t>(read.u16(directory), room);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + 12 * i;
    if (read.u16(entry) != kOrientation) continue;
    const uint32_t value = read.u16(entry + 8);
    return read.u16(entry + 2) == kShort && read.u32(entry + 4) == 1 && value >= 1 && value <= 8 ? int(value)
                                                                                                 : 1;
  }
  return 1;
}

int jpeg_orientation(std::string_view jpeg) {
  constexpr uint32_t kApp1 = 0xE1, kStartOfScan = 0xDA;
  constexpr std::string_view kExif("Exif\0\0", 6);
  const Reader read{jpeg, true};
  for (size_t at = 2; at + 4 <= jpeg.size();) {
    if (read.byte(at) != 0xFF) return 1;
    const uint32_t marker = read.byte(at + 1);
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    const size_t length = read.u16(at + 2);  // counts itself
    if (marker == kStartOfScan || length < 2 || length > jpeg.size() - at - 2) return 1;
    const std::string_view segment = jpeg.substr(at + 4, length - 2);
    if (marker == kApp1 && segment.starts_with(kExif)) return tiff_orientation(segment.substr(kExif.size()));
    at += 2 + length;
  }
  return 1;
}

Image upright(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  // Orientations 5..8 exchange rows and columns; then each axis may run backwards.
  const bool transpose = orientation >= 5;
  const bool down = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  const bool right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  Image out(transpose ? image.width : image.height, transpose ? image.height : image.width);
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x) {
      const int v = down ? out.height - 1 - y : y, u = right ? out.width - 1 - x : x;
      std::copy_n(transpose ? image.at(u, v) : image.at(v, u), 3, out.at(y, x));
    }
  return out;
}

}  // namespace rc
