// BMP, GIF and PNM through stb_image. Its readers of formats without a signature, and those that no data set
// uses, are left out.
#include <climits>
#include <memory>

#include "data/codec.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_BMP
#define STBI_ONLY_GIF
#define STBI_ONLY_PNM
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace rc {

Image decode_other(const Encoded& file) {
  if (file.bytes.size() > INT_MAX) file.refuse("more than 2 GiB");
  const auto* bytes = reinterpret_cast<const stbi_uc*>(file.bytes.data());
  const int size = int(file.bytes.size());
  int width = 0, height = 0, channels = 0;
  if (!stbi_info_from_memory(bytes, size, &width, &height, &channels))
    file.refuse("not a JPEG, PNG, BMP, GIF or PNM image",
                "check that the file is what its name says; convert other formats to PNG");
  file.check_size(uint64_t(height), uint64_t(width));

  const std::unique_ptr<stbi_uc, void (*)(void*)> rgba(
      stbi_load_from_memory(bytes, size, &width, &height, &channels, 4), stbi_image_free);
  if (!rgba)
    file.refuse(stbi_failure_reason(), "the file is damaged or incomplete: copy it again or leave it out");
  Image image(height, width);
  for (size_t i = 0; i < image.rgb.size() / 3; ++i)
    for (size_t c = 0; c < 3; ++c)
      image.rgb[3 * i + c] = over_black(rgba.get()[4 * i + c], rgba.get()[4 * i + 3]);
  return image;
}

}  // namespace rc
