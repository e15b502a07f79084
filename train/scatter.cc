#include "train/scatter.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "train/html.h"
#include "train/svg.h"

namespace rc {
namespace {

constexpr double kWidth = 500, kHeight = 420, kMargin = 16;  // pixels

std::string circle(double x, double y, double radius, const std::string& style, const std::string& inside) {
  return "<circle class=\"" + style + "\" cx=\"" + svg_number(x) + "\" cy=\"" + svg_number(y) + "\" r=\"" +
         svg_number(radius) + "\">" + inside + "</circle>";
}

// Corners around a centre, by turns at the outer and the inner radius; the first at the top.
std::string polygon(double x, double y, int corners, double outer, double inner, const std::string& style,
                    const std::string& inside) {
  std::string points;
  for (int i = 0; i < corners; ++i) {
    const double angle = 2 * std::numbers::pi * i / corners, radius = i % 2 == 0 ? outer : inner;
    points += svg_number(x + radius * std::sin(angle)) + "," + svg_number(y - radius * std::cos(angle)) + " ";
  }
  return "<polygon class=\"" + style + "\" points=\"" + points + "\">" + inside + "</polygon>";
}

std::string symbol(const Dot& dot, double x, double y) {
  const std::string title = dot.title.empty() ? "" : html_tag("title", html_escape(dot.title)),
                    fill = "fill-" + std::to_string(dot.colour);
  switch (dot.mark) {
    case Dot::Mark::none:
      return circle(x, y, 3, "dot " + fill, title);
    case Dot::Mark::ring:
      return circle(x, y, 4.5, "marked " + fill, title);
    case Dot::Mark::diamond:
      return polygon(x, y, 4, 6, 6, "marked " + fill, title);
    case Dot::Mark::star:
      return polygon(x, y, 10, 12, 5, "star", title);
  }
  return {};
}

}  // namespace

std::string scatter(const std::vector<Dot>& dots, const std::string& description) {
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  for (const Dot& dot : dots) {
    low[0] = std::min(low[0], dot.x), high[0] = std::max(high[0], dot.x);
    low[1] = std::min(low[1], dot.y), high[1] = std::max(high[1], dot.y);
  }
  const double scale = std::min((kWidth - 2 * kMargin) / std::max(high[0] - low[0], 1e-12),
                                (kHeight - 2 * kMargin) / std::max(high[1] - low[1], 1e-12));
  std::string out = "<svg class=\"scatter\" viewBox=\"0 0 500 420\" role=\"img\" aria-label=\"" +
                    html_escape(description) + "\">";
  for (const bool marked : {false, true})
    for (const Dot& dot : dots)
      if ((dot.mark != Dot::Mark::none) == marked)
        out += symbol(dot, kWidth / 2 + (dot.x - (low[0] + high[0]) / 2) * scale,
                      kHeight / 2 - (dot.y - (low[1] + high[1]) / 2) * scale);
  return out + "</svg>";
}

}  // namespace rc
