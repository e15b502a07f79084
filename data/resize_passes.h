// What resize.cc chooses among. Only it includes this.
#pragma once

#include "data/image.h"

namespace rc {

// `support`: of the kernel at scale 1, in pixels. Sizes are above 0, and one of them changes.
struct PilKernel {
  double support;
  double (*weight)(double distance);  // distance >= 0, in units of the scale
};
double triangle_weight(double distance);
double bicubic_weight(double distance);  // Keys' cubic convolution, a = -0.5

Image resize_pil(const Image&, int height, int width, const PilKernel&);
Image resize_cv2_linear(const Image&, int height, int width);
Image resize_cv2_cubic(const Image&, int height, int width);

}  // namespace rc
