// Resampling of 8-bit RGB images.
#pragma once

#include "data/image.h"

namespace rc {

// Triangle filter whose support grows with the scale (antialiased bilinear): PIL's Image.BILINEAR with
// reducing_gap=None, bit for bit (rows first, rounded to 8 bits between the passes, weights of 22 bits), so
// integers alone decide the pixels.
Image resize(const Image&, int height, int width);

// Between the two nearest pixels of each direction, whatever the scale: pixel centres aligned, the border
// repeated, no antialiasing. cv2.resize with INTER_LINEAR, weights of 11 bits as there, rounded once.
Image resize_bilinear(const Image&, int height, int width);

}  // namespace rc
