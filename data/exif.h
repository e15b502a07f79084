// EXIF orientation: where cameras say which way up a photograph is. Everything else in EXIF is ignored.
#pragma once

#include <string_view>

#include "data/image.h"

namespace rc {

// Tag 0x0112 of the first directory of a TIFF structure (EXIF 2.3, 4.6.2 and 4.6.4), 1..8; 1 (upright) for
// absent or malformed bytes.
int tiff_orientation(std::string_view tiff);
// The same for a JPEG file, whose TIFF structure lies in an APP1 segment.
int jpeg_orientation(std::string_view jpeg);

// The image as it is meant to be seen: orientation 2 is mirrored, 3 turned by 180 degrees, 6 and 8 by 90
// degrees right and left.
Image upright(Image, int orientation);

}  // namespace rc
