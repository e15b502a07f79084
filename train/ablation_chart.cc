#include "train/ablation_chart.h"

#include <algorithm>
#include <cmath>

#include "train/svg.h"
#include "train/svg_style.h"

namespace rc {
namespace {

constexpr double kWidth = 1080, kTop = 56, kRow = 34, kBottom = 44;  // pixels
constexpr double kId = 16, kTitle = 96, kLeft0 = 400, kLeft1 = 700, kRight0 = 740, kRight1 = 1060;
constexpr int kClean = 1, kPerturbed = 2;  // colours

// A horizontal axis between two places of the picture.
struct Panel {
  Axis axis;
  double from, to;
  double x(double value) const { return from + (value - axis.low) / (axis.high - axis.low) * (to - from); }
};

// What a row shows: clean, and under interference where there is any.
std::vector<std::pair<const AblationFigure*, int>> figures_of(const AblationLine& line) {
  std::vector<std::pair<const AblationFigure*, int>> out;
  if (!line.result.frames.seeds.empty()) out.emplace_back(&line.result.frames, kClean);
  if (!line.result.perturbed_frames.seeds.empty())
    out.emplace_back(&line.result.perturbed_frames, kPerturbed);
  return out;
}

Panel panel_of(const AblationTable& table, bool differences) {
  Series shown;  // axis_of wants points; x is of no interest
  const auto show = [&](double value) { shown.points.emplace_back(0, value); };
  for (const AblationLine& line : table.lines)
    for (const auto& [figure, colour] : figures_of(line)) {
      if (differences && figure->difference) {
        for (double v : {figure->difference->ci.low, figure->difference->ci.high, 0.0}) show(v);
      } else if (!differences) {
        for (double v : figure->seeds) show(v);
        if (figure->ci) show(figure->ci->low), show(figure->ci->high);
      }
    }
  Axis axis =
      axis_of({shown}, false, differences ? "difference of AUC to " + table.baseline : "AUC of frames");
  return differences ? Panel{axis, kRight0, kRight1} : Panel{axis, kLeft0, kLeft1};
}

std::string dot(double x, double y, double radius, int colour, const std::string& kind = "") {
  return "<circle class=\"" + kind + "fill-" + std::to_string(colour) + "\" cx=\"" + svg_number(x) +
         "\" cy=\"" + svg_number(y) + "\" r=\"" + svg_number(radius) + "\"/>";
}

std::string whisker(const Panel& panel, const Interval& ci, double y, int colour) {
  return svg_line(panel.x(ci.low), y, panel.x(ci.high), y, "whisker stroke-" + std::to_string(colour));
}

std::string scale(const Panel& panel, double bottom) {
  std::string out;
  for (double v : axis_ticks(panel.axis, 4))
    out += svg_line(panel.x(v), kTop - 8, panel.x(v), bottom, "grid") +
           svg_text(panel.x(v), bottom + 16, "middle", tick_text(v, panel.axis));
  return out + svg_text((panel.from + panel.to) / 2, bottom + 36, "middle", panel.axis.label);
}

std::string row(const AblationLine& line, double y, const Panel& left, const Panel& right) {
  std::string out = "<g class=\"id\">" + svg_text(kId, y + 4, "start", line.cell->id) + "</g>" +
                    svg_text(kTitle, y + 4, "start", line.cell->title);
  const auto figures = figures_of(line);
  if (figures.empty()) return out + svg_text(left.from, y + 4, "start", "no finished run");
  for (const auto& [figure, colour] : figures) {
    const double at = figures.size() == 1 ? y : y + (colour == kClean ? -6 : 6);
    if (figure->ci && std::isfinite(figure->mean())) out += whisker(left, *figure->ci, at, colour);
    if (std::isfinite(figure->mean())) {
      for (double v : figure->seeds) out += dot(left.x(v), at, 2, colour, "seed ");
      out += dot(left.x(figure->mean()), at, 4, colour);
    }
    if (figure->difference)
      out += whisker(right, figure->difference->ci, at, colour) +
             dot(right.x(figure->difference->difference), at, 4, colour);
  }
  return out;
}

std::string key(double x, int colour, const std::string& text) {
  return dot(x, 20, 4, colour) + svg_text(x + 10, 24, "start", text);
}

}  // namespace

std::string ablation_chart(const AblationTable& table) {
  const double bottom = kTop + kRow * double(table.lines.size()), height = bottom + kBottom;
  const Panel left = panel_of(table, false), right = panel_of(table, true);
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + fixed(kWidth, 0) + " " +
                    fixed(height, 0) + "\" width=\"" + fixed(kWidth, 0) + "\" height=\"" + fixed(height, 0) +
                    "\" role=\"img\">\n" + kSvgStyle +
                    "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n";
  out += key(kId + 4, kClean, "clean");
  if (!table.kinds.empty()) out += key(kId + 84, kPerturbed, "under interference");
  out +=
      svg_text(kRight1, 24, "end", "large: mean over seeds; small: seeds; line: 95 % interval over videos") +
      "\n";
  out += scale(left, bottom) + scale(right, bottom) +
         svg_line(right.x(0), kTop - 8, right.x(0), bottom, "zero") + "\n";
  for (size_t i = 0; i < table.lines.size(); ++i)
    out += row(table.lines[i], kTop + kRow * (double(i) + 0.5), left, right) + "\n";
  return out + "</svg>\n";
}

}  // namespace rc
