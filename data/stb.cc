// BMP and GIF through stb_image. Its other readers are left out: they take formats that have no signature or
// that no data set uses. It also reads zeros past the end of a file, so truncation is looked for here.
#include <climits>
#include <memory>

#include "data/codec.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace rc {
namespace {

// Whether the pixels end behind the file; the header's sizes are in the first 30 bytes.
bool bmp_is_cut(std::string_view bytes, uint64_t height, uint64_t width) {
  const auto u16 = [&](size_t at) {
    return uint64_t(uint8_t(bytes[at])) | uint64_t(uint8_t(bytes[at + 1])) << 8;
  };
  if (bytes.size() < 30) return true;
  const uint64_t first_pixel = u16(10) | u16(12) << 16, header_size = u16(14);
  const uint64_t bits = u16(header_size == 12 ? 24 : 28), row = (width * bits + 31) / 32 * 4;
  return first_pixel + row * height > bytes.size();
}

}  // namespace

Image decode_other(const Encoded& file) {
  if (file.bytes.size() > INT_MAX) file.refuse("more than 2 GiB");
  const auto* bytes = reinterpret_cast<const stbi_uc*>(file.bytes.data());
  const int size = int(file.bytes.size());
  int width = 0, height = 0, channels = 0;
  if (!stbi_info_from_memory(bytes, size, &width, &height, &channels))
    file.refuse("not a JPEG, PNG, BMP or GIF image",
                "check that the file is what its name says; convert other formats to PNG");
  file.check_size(uint64_t(height), uint64_t(width));

  constexpr char kGifTrailer = 0x3B;
  const bool is_gif = file.bytes.starts_with("GIF");
  if (is_gif ? file.bytes.back() != kGifTrailer : bmp_is_cut(file.bytes, uint64_t(height), uint64_t(width)))
    file.refuse("the file ends too early", kDamagedHint);
  const std::unique_ptr<stbi_uc, void (*)(void*)> rgba(
      stbi_load_from_memory(bytes, size, &width, &height, &channels, 4), stbi_image_free);
  if (!rgba) file.refuse(stbi_failure_reason(), kDamagedHint);
  Image image(height, width);
  for (size_t i = 0; i < image.rgb.size() / 3; ++i)
    for (size_t c = 0; c < 3; ++c)
      image.rgb[3 * i + c] = over_black(rgba.get()[4 * i + c], rgba.get()[4 * i + 3]);
  return image;
}

}  // namespace rc
