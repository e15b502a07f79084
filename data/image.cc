#include "data/image.h"

#include <algorithm>

#include "data/codec.h"
#include "engine/error.h"
#include "engine/file.h"

namespace rc {

void Encoded::refuse(const std::string& why, const std::string& hint) const {
  throw Error(Exit::data, "cannot read image " + name, why, hint);
}

void Encoded::check_size(uint64_t height, uint64_t width) const {
  if (height == 0 || width == 0) refuse("it has no pixels");
  if (height > pixel_limit / width)
    refuse(std::to_string(width) + "x" + std::to_string(height) + " is more than the " +
               std::to_string(pixel_limit) + " pixels allowed",
           "scale it down, or crop the face, before using it");
}

Image decode_image(std::string_view bytes, const std::string& name, uint64_t pixel_limit, int smallest) {
  const Encoded file{bytes, name, pixel_limit, smallest};
  if (bytes.empty()) file.refuse("the file is empty");
  if (bytes.starts_with("\xFF\xD8\xFF")) return decode_jpeg(file);
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) {
    if (std::optional<Image> image = decode_plain_png(file)) return std::move(*image);
    return decode_png(file);
  }
  return decode_other(file);
}

Image read_image(const std::filesystem::path& path, int smallest) {
  constexpr uint64_t kFileLimit = uint64_t(1) << 30;
  return decode_image(read_file(path, kFileLimit), path.string(), kPixelLimit, smallest);
}

void write_image(const std::filesystem::path& path, const Image& image, int jpeg_quality) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  if (extension == ".png") return write_file(path, encode_png(image));
  if (extension == ".jpg" || extension == ".jpeg") return write_file(path, encode_jpeg(image, jpeg_quality));
  throw Error(Exit::usage, "cannot write image " + path.string(), "unknown extension \"" + extension + "\"",
              "use .png, .jpg or .jpeg");
}

}  // namespace rc
