// Affine maps of the plane; similarity fits are how faces are aligned.
#pragma once

#include <cmath>
#include <span>

#include "data/landmarks.h"

namespace rc {

// (x, y) -> (a x + b y + tx, c x + d y + ty).
struct Affine {
  double a = 1, b = 0, c = 0, d = 1, tx = 0, ty = 0;

  Point operator()(Point p) const {
    return {float(a * double(p.x) + b * double(p.y) + tx), float(c * double(p.x) + d * double(p.y) + ty)};
  }
  Affine inverse() const {  // not of a singular map
    const double k = 1 / (a * d - b * c);
    return {d * k, -b * k, -c * k, a * k, (b * ty - d * tx) * k, (c * tx - a * ty) * k};
  }
  double scale() const { return std::sqrt(std::abs(a * d - b * c)); }

  // Turns by `radians`, scales and then shifts, about `centre`.
  static Affine about(Point centre, double radians, double scale, Point shift) {
    const double u = scale * std::cos(radians), v = scale * std::sin(radians), x = double(centre.x),
                 y = double(centre.y);
    return {u, -v, v, u, x - u * x + v * y + double(shift.x), y - v * x - u * y + double(shift.y)};
  }
};

// The rotation, uniform scale and shift that takes `from` to `to` with the least squared error (Umeyama 1991;
// in the plane a complex quotient, without reflection). Both have the same number of points, two distinct
// ones at least.
inline Affine fit_similarity(std::span<const Point> from, std::span<const Point> to) {
  const Point f0 = centre_of(from), t0 = centre_of(to);
  double real = 0, imaginary = 0, norm = 0;
  for (size_t i = 0; i < from.size(); ++i) {
    const double fx = double(from[i].x - f0.x), fy = double(from[i].y - f0.y);
    const double gx = double(to[i].x - t0.x), gy = double(to[i].y - t0.y);
    real += fx * gx + fy * gy, imaginary += fx * gy - fy * gx, norm += fx * fx + fy * fy;
  }
  const double u = real / norm, v = imaginary / norm, x = double(f0.x), y = double(f0.y);
  return {u, -v, v, u, double(t0.x) - u * x + v * y, double(t0.y) - v * x - u * y};
}

}  // namespace rc
