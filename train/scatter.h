// Points of the plane as inline SVG, where only what is near to what has a meaning: no axes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rc {

struct Dot {
  enum class Mark : uint8_t { none, ring, diamond, star };
  double x = 0, y = 0;
  int colour = 1;  // 1..6; a star has the colour of text
  Mark mark = Mark::none;
  std::string title;  // shown to who points at it
};

// One scale for both directions; marked dots lie above the others, stars on top.
std::string scatter(const std::vector<Dot>&, const std::string& description);

}  // namespace rc
