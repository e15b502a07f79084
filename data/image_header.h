// What the beginning of an image file says of it, without decoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rc {

struct ImageHeader {
  std::string format;         // JPEG | PNG | BMP | GIF
  int width = 0, height = 0;  // as stored: EXIF may turn the picture
  // Of a JPEG, 1..100: that whose luminance table of libjpeg (the example of ITU-T T.81, K.1, scaled) is
  // nearest to the file's; 0 for other formats, and where the table does not come before the size.
  int jpeg_quality = 0;
};

// Of the first bytes of a file (64 KiB are enough but for a JPEG with a long preview in front). Nothing where
// they are none of these formats, or end before the size.
std::optional<ImageHeader> image_header(std::string_view bytes);

}  // namespace rc
