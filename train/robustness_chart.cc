#include "train/robustness_chart.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/error.h"
#include "train/svg.h"
#include "train/svg_style.h"
#include "train/table.h"

namespace rc {
namespace {

// Pixels.
constexpr double kTop = 44, kPanelWidth = 268, kPanelHeight = 210, kLeft = 44, kRight = 12, kHead = 30,
                 kFoot = 40;
constexpr int kColumns = 4, kColours = 6;

// One line of every panel.
struct Curve {
  std::string name;
  const Evaluation& evaluation;
  bool of_videos;
  int colour;

  std::optional<double> at(const PerturbationKind& kind, int level) const {
    if (level == 0) return of_videos ? evaluation.all.videos.auc : evaluation.all.frames.auc;
    const AucPair* auc = evaluation.robustness.level(kind, level);
    return !auc ? std::nullopt : of_videos ? auc->videos : auc->frames;
  }
  std::optional<double> mean(const PerturbationKind& kind) const {
    const AucPair mean = evaluation.robustness.mean(kind);
    return of_videos ? mean.videos : mean.frames;
  }
};

std::vector<Curve> curves_of(std::span<const Evaluation> sets) {
  if (sets.size() == 1) return {{"frames", sets[0], false, 1}, {"videos", sets[0], true, 2}};
  std::vector<Curve> out;
  for (const Evaluation& e : sets) out.push_back({e.dataset, e, true, int(out.size()) % kColours + 1});
  return out;
}

// From the lowest AUC, rounded down to a tenth, to 1.
Axis scale_of(const std::vector<Curve>& curves, const std::vector<const PerturbationKind*>& kinds) {
  double least = 1;
  for (const Curve& c : curves)
    for (const PerturbationKind* kind : kinds)
      for (int level = 0; level <= kind->levels(); ++level)
        least = std::min(least, c.at(*kind, level).value_or(1));
  int tenths = std::min(int(least * 10), 9);
  return {"AUC", tenths / 10.0, 1};
}

std::string short_number(double x) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, x).ptr);
}

struct Panel {
  double left, top;  // of its plot, in the picture
  Axis scale;
  int levels;

  double width() const { return kPanelWidth - kLeft - kRight; }
  double height() const { return kPanelHeight - kHead - kFoot; }
  double x(int level) const { return left + width() * level / levels; }
  double y(double auc) const { return top + height() * (scale.high - auc) / (scale.high - scale.low); }
};

std::string curve(const Panel& panel, const Curve& c, const PerturbationKind& kind) {
  std::string points, dots;
  const std::string colour = std::to_string(c.colour);
  for (int level = 0; level <= panel.levels; ++level) {
    const auto auc = c.at(kind, level);
    if (!auc) continue;
    const std::string x = svg_number(panel.x(level)), y = svg_number(panel.y(*auc));
    points += x + "," + y + " ";
    dots += "<circle class=\"fill-" + colour + "\" cx=\"" + x + "\" cy=\"" + y + "\" r=\"2.5\"/>";
  }
  return "<polyline class=\"line stroke-" + colour + "\" points=\"" + points + "\"/>" + dots;
}

std::string panel_of(const Panel& panel, const PerturbationKind& kind, const std::vector<Curve>& curves) {
  std::string means;
  if (curves.size() == 2 && &curves[0].evaluation == &curves[1].evaluation)
    for (const Curve& c : curves)
      means += (means.empty() ? "mean " : ", ") + fixed(c.mean(kind).value_or(NAN), 3);
  const double right = panel.left + panel.width(), bottom = panel.top + panel.height();
  std::string out = "<g class=\"id\">" + svg_text(panel.left, panel.top - 12, "start", kind.name) + "</g>" +
                    svg_text(right, panel.top - 12, "end", means);
  for (double v : axis_ticks(panel.scale, 5))
    out += svg_line(panel.left, panel.y(v), right, panel.y(v), "grid") +
           svg_text(panel.left - 6, panel.y(v) + 4, "end", tick_text(v, panel.scale));
  if (panel.scale.low < 0.5) out += svg_line(panel.left, panel.y(0.5), right, panel.y(0.5), "zero");
  out += svg_line(panel.left, bottom, right, bottom, "axis");
  for (int level = 0; level <= panel.levels; ++level)
    out += svg_text(panel.x(level), bottom + 16, "middle",
                    level == 0 ? "clean" : short_number(kind.parameter[size_t(level - 1)]));
  for (const Curve& c : curves) out += curve(panel, c, kind);
  return out + "\n";
}

std::string legend(const std::vector<Curve>& curves, const std::string& what) {
  std::string out = svg_text(16, 24, "start", what);
  double x = 16 + 7.2 * double(width_of(what)) + 16;  // about, at this size of text
  for (const Curve& c : curves) {
    out += "<rect class=\"fill-" + std::to_string(c.colour) + "\" x=\"" + svg_number(x) +
           "\" y=\"14\" width=\"10\" height=\"10\" rx=\"2\"/>" + svg_text(x + 15, 24, "start", c.name);
    x += 15 + 7.2 * double(width_of(c.name)) + 18;
  }
  return out + "\n";
}

}  // namespace

std::string robustness_chart(std::span<const Evaluation> sets) {
  check(!sets.empty() && !sets[0].robustness.levels.empty(), "a chart of robustness has levels");
  const std::vector<const PerturbationKind*> kinds = sets[0].robustness.kinds();
  const std::vector<Curve> curves = curves_of(sets);
  const Axis scale = scale_of(curves, kinds);
  const int columns = std::min(kColumns, int(kinds.size())),
            rows = (int(kinds.size()) + columns - 1) / columns;
  const double width = std::max(640.0, kPanelWidth * columns + 8), height = kTop + kPanelHeight * rows;
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + fixed(width, 0) + " " +
                    fixed(height, 0) + "\" width=\"" + fixed(width, 0) + "\" height=\"" + fixed(height, 0) +
                    "\" role=\"img\">\n" + kSvgStyle +
                    "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n";
  out += legend(curves, sets.size() == 1 ? "AUC of " + sets[0].dataset + " under interference, by strength"
                                         : "AUC of videos under interference, by strength");
  for (size_t k = 0; k < kinds.size(); ++k) {
    const double left = kPanelWidth * double(int(k) % columns) + kLeft,
                 top = kTop + kPanelHeight * double(int(k) / columns) + kHead;
    out += panel_of({left, top, scale, kinds[k]->levels()}, *kinds[k], curves);
  }
  return out + "</svg>\n";
}

}  // namespace rc
