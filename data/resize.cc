#include "data/resize.h"

#include <algorithm>
#include <string>

#include "data/resize_passes.h"
#include "engine/error.h"

namespace rc {

const std::vector<std::string>& resampling_names() {
  static const std::vector<std::string> names = {"pil-bilinear", "pil-bicubic", "cv2-linear", "cv2-cubic"};
  return names;  // in the order of the enumeration
}

Resampling resampling_of(std::string_view name) {
  const auto at = std::ranges::find(resampling_names(), name);
  check(at != resampling_names().end(), "no such resampling", std::string(name));
  return Resampling(at - resampling_names().begin());
}

Image resize(const Image& image, int height, int width, Resampling how) {
  check(image.height > 0 && image.width > 0 && height > 0 && width > 0, "resize of or to an empty image");
  if (image.width == width && image.height == height) return image;
  switch (how) {
    case Resampling::pil_bilinear:
      return resize_pil(image, height, width, {1, triangle_weight});
    case Resampling::pil_bicubic:
      return resize_pil(image, height, width, {2, bicubic_weight});
    case Resampling::cv2_linear:
      return resize_cv2_linear(image, height, width);
    case Resampling::cv2_cubic:
      return resize_cv2_cubic(image, height, width);
  }
  throw Error(Exit::internal, "no such resampling");
}

}  // namespace rc
