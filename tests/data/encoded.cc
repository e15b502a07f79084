#include "tests/data/encoded.h"

#include <doctest/doctest.h>
#include <turbojpeg.h>

#include <cstdlib>

namespace rc {
namespace {

std::string big32(uint32_t v) { return {char(v >> 24), char(v >> 16), char(v >> 8), char(v)}; }
std::string little32(uint32_t v) { return {char(v), char(v >> 8), char(v >> 16), char(v >> 24)}; }

// CRC-32 of PNG (ISO 3309), bit by bit.
uint32_t crc32(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc ^= uint8_t(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

}  // namespace

std::string jpeg_of(const std::vector<uint8_t>& pixels, int height, int width, int format, int subsampling,
                    int flags) {
  const tjhandle codec = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  REQUIRE(tjCompress2(codec, pixels.data(), width, 0, height, format, &bytes, &size, subsampling, 100,
                      flags | TJFLAG_ACCURATEDCT) == 0);
  const std::string jpeg(reinterpret_cast<const char*>(bytes), size);
  tjFree(bytes);
  tjDestroy(codec);
  return jpeg;
}

std::string tiff_with_orientation(int orientation, bool big_endian) {
  const auto u16 = [&](int v) {
    return big_endian ? std::string{char(v >> 8), char(v)} : std::string{char(v), char(v >> 8)};
  };
  const auto u32 = [&](int v) { return big_endian ? u16(0) + u16(v) : u16(v) + u16(0); };
  // Header, a directory of two entries (the maker's name lies elsewhere, as cameras do it), no further
  // directory, the name.
  return (big_endian ? "MM" : "II") + u16(42) + u32(8) + u16(2) +  //
         u16(0x010F) + u16(2) + u32(6) + u32(38) +                 //
         u16(0x0112) + u16(3) + u32(1) + u16(orientation) + u16(0) + u32(0) + "maker";
}

std::string with_orientation(const std::string& jpeg, int orientation, bool big_endian) {
  const std::string exif = std::string("Exif\0\0", 6) + tiff_with_orientation(orientation, big_endian);
  const size_t length = exif.size() + 2;
  return jpeg.substr(0, 2) + "\xFF\xE1" + char(length >> 8) + char(length) + exif + jpeg.substr(2);
}

std::string png_of(const std::vector<uint8_t>& rows, int height, int width, const PngParts& parts) {
  spng_ctx* codec = spng_ctx_new(SPNG_CTX_ENCODER);
  spng_set_option(codec, SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_option(codec, SPNG_FILTER_CHOICE, parts.filters);
  spng_ihdr header{};
  header.width = uint32_t(width), header.height = uint32_t(height);
  header.bit_depth = uint8_t(parts.depth), header.color_type = uint8_t(parts.type),
  header.interlace_method = parts.interlaced;
  REQUIRE(spng_set_ihdr(codec, &header) == 0);
  if (!parts.palette.empty()) {
    spng_plte palette{};
    spng_trns opacity{};
    palette.n_entries = opacity.n_type3_entries = uint32_t(parts.palette.size() / 4);
    for (size_t i = 0; i < parts.palette.size() / 4; ++i) {
      palette.entries[i] = {parts.palette[4 * i], parts.palette[4 * i + 1], parts.palette[4 * i + 2], 255};
      opacity.type3_alpha[i] = parts.palette[4 * i + 3];
    }
    REQUIRE(spng_set_plte(codec, &palette) == 0);
    REQUIRE(spng_set_trns(codec, &opacity) == 0);
  }
  std::string exif_bytes = parts.exif;
  spng_exif exif{exif_bytes.size(), exif_bytes.data()};
  if (!exif_bytes.empty()) REQUIRE(spng_set_exif(codec, &exif) == 0);
  // SPNG_FMT_RAW takes the rows as they will be stored: big-endian already.
  REQUIRE(spng_encode_image(codec, rows.data(), rows.size(), SPNG_FMT_RAW, SPNG_ENCODE_FINALIZE) == 0);
  size_t size = 0;
  int status = 0;
  void* bytes = spng_get_png_buffer(codec, &size, &status);
  REQUIRE(status == 0);
  const std::string png(static_cast<const char*>(bytes), size);
  std::free(bytes);
  spng_ctx_free(codec);
  return png;
}

std::string png_claiming(std::string png, uint32_t height, uint32_t width) {
  png.replace(16, 8, big32(width) + big32(height));
  return png.replace(29, 4, big32(crc32(std::string_view(png).substr(12, 17))));
}

std::string jpeg_claiming(std::string jpeg, uint16_t height, uint16_t width) {
  const size_t frame = jpeg.find("\xFF\xC0");
  REQUIRE(frame != std::string::npos);
  return jpeg.replace(frame + 5, 4, (big32(height).substr(2) + big32(width).substr(2)));
}

std::string bmp_of(const Image& image) {
  const size_t row = (size_t(image.width) * 3 + 3) / 4 * 4;
  std::string bmp = "BM" + little32(uint32_t(54 + row * size_t(image.height))) + little32(0) + little32(54) +
                    little32(40) + little32(uint32_t(image.width)) + little32(uint32_t(image.height)) +
                    std::string("\1\0\x18\0", 4) + std::string(24, '\0');
  for (int y = image.height - 1; y >= 0; --y) {
    std::string line;
    for (int x = 0; x < image.width; ++x)
      for (int c = 2; c >= 0; --c) line += char(image.at(y, x)[c]);
    line.resize(row);
    bmp += line;
  }
  return bmp;
}

std::string bmp_claiming(std::string bmp, uint32_t height, uint32_t width) {
  return bmp.replace(18, 8, little32(width) + little32(height));
}

std::string white_gif() {
  return std::string("GIF89a\1\0\1\0\x80\0\0\xFF\xFF\xFF\0\0\0,\0\0\0\0\1\0\1\0\0\2\2\x44\1\0;", 35);
}

}  // namespace rc
