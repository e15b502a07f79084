// Principal components: the directions in which points differ most.
#pragma once

#include <span>
#include <vector>

namespace rc {

struct PrincipalAxes {
  std::vector<double> mean;  // of the points
  std::vector<std::vector<double>>
      axes;                   // unit, by falling variance; the largest element of each is positive
  std::vector<double> share;  // of the whole variance that lies along each; zeros without any
  // Where a point lies along each axis.
  std::vector<double> coordinates(std::span<const float> point) const;
};

// The first `count` axes of points of one length (at least one). By power iteration and deflation, to where a
// step moves the axis by less than 1e-12: the same points give the same axes, to the bit.
PrincipalAxes principal_axes(std::span<const std::vector<float>> points, int count);

}  // namespace rc
