// How an activation's pixels are cut where many partial results become one.
#pragma once

#include <cstdint>

#include "engine/target.h"

namespace rc {

// Pixels that have a partial result together: of `images` times `pixels`, `each` that follow one another, or
// what is left of an image.
struct Chunks {
  int64_t images, pixels, each;

  RC_INLINE int64_t per_image() const { return (pixels + each - 1) / each; }
  RC_INLINE int64_t count() const { return images * per_image(); }
  RC_INLINE int64_t size(int64_t of_image) const {
    const int64_t left = pixels - of_image * each;
    return left < each ? left : each;
  }
};

}  // namespace rc
