// What a network is given of an image: the whole of it at the network's size.
#pragma once

#include "data/image.h"
#include "data/resize.h"

namespace rc {

struct NetworkInput {
  int size = 224;  // side in pixels
  Resampling resampling = Resampling::pil_bilinear;
  bool scaled_jpeg = false;  // decode JPEGs at 1/2, 1/4 or 1/8 where that is still as large as `size`

  int smallest_decoded() const { return scaled_jpeg ? size : 0; }  // for decode_image and read_frame
  Image of(const Image& image) const { return resize(image, size, size, resampling); }
};

}  // namespace rc
