// What the image codecs share. Only image.cc and the codecs include this; everyone else decodes through
// image.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/image.h"

namespace rc {

// One image file in memory: its bytes, the name it is reported under, and how large a picture may be.
struct Encoded {
  std::string_view bytes;
  const std::string& name;
  uint64_t pixel_limit;
  int smallest;  // of the sides of a JPEG decoded at a fraction of its size; 0: decode all

  [[noreturn]] void refuse(const std::string& why, const std::string& hint = {}) const;
  void check_size(uint64_t height, uint64_t width) const;  // to be called before the pixels are allocated
};

inline constexpr const char* kDamagedHint =
    "the file is damaged or incomplete: copy it again or leave it out";

Image decode_jpeg(const Encoded&);
Image decode_png(const Encoded&);
// Of 8-bit RGB without anything special; nothing for other files and for damaged ones, which decode_png reads
// or refuses.
std::optional<Image> decode_plain_png(const Encoded&);
Image decode_other(const Encoded&);  // BMP, GIF

// `colour` laid over black with opacity `alpha`: round(colour * alpha / 255).
inline uint8_t over_black(uint32_t colour, uint32_t alpha) { return uint8_t((colour * alpha + 127) / 255); }

}  // namespace rc
