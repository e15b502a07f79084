// The 68 facial landmarks of iBUG 300-W, in dlib's order. Coordinates are pixels, x to the right and y down;
// the centre of the top left pixel is (0, 0).
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace rc {

struct Point {
  float x = 0, y = 0;
  friend Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
  friend Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
  friend Point operator*(Point a, float k) { return {a.x * k, a.y * k}; }
  bool operator==(const Point&) const = default;
};

using Landmarks = std::array<Point, 68>;

// Where each part of the face begins and ends in the order: [first, last).
struct FacePart {
  int first, last;
};
inline constexpr FacePart kJaw{0, 17}, kBrows{17, 27}, kNose{27, 36}, kLeftEye{36, 42}, kRightEye{42, 48},
    kMouth{48, 68};

Point centre_of(std::span<const Point>);
inline Point centre_of(const Landmarks& all, FacePart part) {
  return centre_of(std::span(all).subspan(size_t(part.first), size_t(part.last - part.first)));
}

// The smallest convex polygon around the points, in order around it (Andrew's monotone chain).
std::vector<Point> convex_hull(std::span<const Point>);

// As .npy: float32 (68, 2). Reading takes any plain number type; throws Error(data) where the shape differs
// or a value is not finite.
Landmarks read_landmarks(const std::filesystem::path&);
std::string encode_landmarks(const Landmarks&);

}  // namespace rc
