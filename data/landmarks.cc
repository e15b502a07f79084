#include "data/landmarks.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "data/npy.h"
#include "engine/error.h"

namespace rc {

Point centre_of(std::span<const Point> points) {
  Point sum;
  for (const Point p : points) sum = sum + p;
  return sum * (1.0f / float(points.size()));
}

std::vector<Point> convex_hull(std::span<const Point> points) {
  std::vector<Point> sorted(points.begin(), points.end()), hull;
  std::ranges::sort(sorted, {}, [](Point p) { return std::tuple(p.x, p.y); });
  // Left of the last edge is inside; anything else makes that edge's end no corner.
  const auto add = [&](Point p, size_t keep) {
    while (hull.size() > keep) {
      const Point a = hull[hull.size() - 2], b = hull.back();
      if ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) > 0) break;
      hull.pop_back();
    }
    hull.push_back(p);
  };
  for (const Point p : sorted) add(p, 1);
  const size_t lower = hull.size();
  for (size_t i = sorted.size() - 1; i-- > 0;) add(sorted[i], lower);
  hull.pop_back();
  return hull;
}

Landmarks read_landmarks(const std::filesystem::path& path) {
  const NpyArray array = read_npy(path);
  if (array.shape != std::vector<int64_t>{68, 2})
    throw Error(Exit::data, "landmarks must be an array of shape (68, 2)", path.string(),
                "make them with: realcentric data prepare");
  Landmarks points;
  for (size_t i = 0; i < points.size(); ++i) {
    points[i] = {float(array.values[2 * i]), float(array.values[2 * i + 1])};
    if (!std::isfinite(points[i].x) || !std::isfinite(points[i].y))
      throw Error(Exit::data, "landmark " + std::to_string(i) + " is not finite", path.string());
  }
  return points;
}

std::string encode_landmarks(const Landmarks& points) {
  std::vector<float> values;
  for (const Point p : points) values.insert(values.end(), {p.x, p.y});
  static constexpr int64_t kShape[] = {68, 2};
  return encode_npy(values, kShape);
}

}  // namespace rc
