#include "data/forge/method.h"

#include <cmath>

namespace rc {

Landmarks shrunk(const Landmarks& points, float factor) {
  const Point centre = centre_of(points);
  Landmarks result;
  for (size_t i = 0; i < points.size(); ++i) result[i] = centre + (points[i] - centre) * factor;
  return result;
}

float face_share(const Landmarks& points, float share) {
  const Point across = points[16] - points[0];
  return share * std::sqrt(across.x * across.x + across.y * across.y);
}

}  // namespace rc
