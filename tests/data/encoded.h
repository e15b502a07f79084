// Image files of the kinds that cameras and other programs make, built in memory byte by byte or through the
// codecs' own libraries.
#pragma once

#include <spng.h>

#include <cstdint>
#include <string>
#include <vector>

#include "data/image.h"

namespace rc {

// JPEG of `pixels` in a TurboJPEG pixel format and subsampling (TJPF_GRAY, TJPF_CMYK, ...), with TJFLAG_
// flags.
std::string jpeg_of(const std::vector<uint8_t>& pixels, int height, int width, int format, int subsampling,
                    int flags = 0);

// JPEG with an EXIF segment that holds nothing but the orientation.
std::string with_orientation(const std::string& jpeg, int orientation, bool big_endian);
std::string tiff_with_orientation(int orientation, bool big_endian);

// PNG of any colour type and bit depth; `rows` as the format stores them (big-endian, packed, no filter
// bytes).
struct PngParts {
  spng_color_type type = SPNG_COLOR_TYPE_TRUECOLOR;
  int depth = 8;
  std::vector<uint8_t> palette = {};  // [n, 4] with opacity, for SPNG_COLOR_TYPE_INDEXED
  std::string exif = {};
  bool interlaced = false;
  int filters = SPNG_FILTER_CHOICE_ALL;
};
std::string png_of(const std::vector<uint8_t>& rows, int height, int width, const PngParts& parts);

// The same file claiming other dimensions (PNG: with the right checksum).
std::string png_claiming(std::string png, uint32_t height, uint32_t width);
std::string jpeg_claiming(std::string jpeg, uint16_t height, uint16_t width);
std::string bmp_claiming(std::string bmp, uint32_t height, uint32_t width);

std::string bmp_of(const Image&);  // 24 bits, bottom row first
std::string white_gif();           // 1 x 1

}  // namespace rc
