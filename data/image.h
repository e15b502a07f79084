// An 8-bit RGB image in memory, and its codecs. Decoding is pinned (libjpeg-turbo's accurate DCT): the same
// file gives the same pixels on every machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rc {

struct Image {
  int height = 0, width = 0;
  std::vector<uint8_t> rgb;  // [height, width, 3]

  Image() = default;
  Image(int h, int w) : height(h), width(w), rgb(size_t(h) * size_t(w) * 3) {}
  uint8_t* at(int y, int x) { return rgb.data() + (size_t(y) * size_t(width) + size_t(x)) * 3; }
  const uint8_t* at(int y, int x) const { return rgb.data() + (size_t(y) * size_t(width) + size_t(x)) * 3; }
  bool operator==(const Image&) const = default;
};

inline constexpr uint64_t kPixelLimit = uint64_t(1) << 28;

// Decodes by content, not by name: JPEG, PNG, BMP or GIF (first frame). Grey, 16-bit, CMYK and palette
// images become RGB, alpha is laid over black, EXIF orientation is applied. Throws Error(data) that names
// `name` when the bytes are no such image, are truncated or corrupt (libjpeg's warnings count), or, before
// anything is allocated, hold more than `pixel_limit` pixels. Where `smallest` is above 0, a JPEG is decoded
// at the least of 1, 1/2, 1/4 and 1/8 of its size that leaves both sides at least that long: faster, and
// other pixels than decoding all and shrinking.
Image decode_image(std::string_view bytes, const std::string& name, uint64_t pixel_limit = kPixelLimit,
                   int smallest = 0);
Image read_image(const std::filesystem::path&, int smallest = 0);

std::string encode_jpeg(const Image&, int quality);  // 4:2:0, quality 1..100
std::string encode_png(const Image&);

// By extension: .png, .jpg or .jpeg, in any case; another one is Error(usage). Atomic, as write_file.
void write_image(const std::filesystem::path&, const Image&, int jpeg_quality = 95);

}  // namespace rc
