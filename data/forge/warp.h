// Smooth warps of a canvas. A field says, for each pixel of the result, how far away in the input it comes
// from; it is kept on a coarse grid and interpolated, so that a costly map is evaluated rarely and nothing
// ever tears.
#pragma once

#include <span>
#include <vector>

#include "data/affine.h"
#include "data/forge/canvas.h"
#include "engine/rng.h"

namespace rc {

class Field {
 public:
  explicit Field(int size);  // no shift at all; for canvases of that side

  // The map of the plane (Point to Point) as a field.
  template <class Map>
  Field(int size, const Map& map) : Field(size) {
    for (int j = 0; j < nodes_; ++j)
      for (int i = 0; i < nodes_; ++i) {
        const Point p{float(i * kStep), float(j * kStep)};
        shift_[size_t(j * nodes_ + i)] = map(p) - p;
      }
  }

  Point at(int y, int x) const;  // shift, pixels

 private:
  static constexpr int kStep = 8;
  int nodes_;
  std::vector<Point> shift_;  // [nodes, nodes]
};

Canvas warp(const Canvas&, const Field&);
Mask warp(const Mask&, const Field&);

// The thin-plate spline (Bookstein 1989) that takes each `from` to its `to` and bends least in between.
// `stiffness` trades exactness for smoothness: 0 interpolates.
class ThinPlate {
 public:
  ThinPlate(std::span<const Point> from, std::span<const Point> to, double stiffness);
  Point operator()(Point) const;

 private:
  std::vector<Point> centres_;
  std::vector<double> x_, y_;  // a weight for each centre, then for 1, x and y
};

// Uniform noise on the grid, up to `amplitude` pixels in each direction, smoothed: an elastic deformation.
Field elastic(int size, float amplitude, Rng&);

}  // namespace rc
