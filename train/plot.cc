#include "train/plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "train/html.h"
#include "train/svg.h"
#include "train/table.h"

namespace rc {
namespace {

struct Frame {
  double width, height, left, top, right, bottom;  // pixels; the last four are margins
  Axis x, y;

  double px(double v) const { return left + (v - x.low) / (x.high - x.low) * (width - left - right); }
  double py(double v) const {
    return height - bottom - (v - y.low) / (y.high - y.low) * (height - top - bottom);
  }
};

std::string point(const Frame& f, double x, double y) {
  return svg_number(f.px(x)) + "," + svg_number(f.py(y));
}

std::string open_svg(const Frame& f) {
  return "<svg viewBox=\"0 0 " + fixed(f.width, 0) + " " + fixed(f.height, 0) + "\" role=\"img\">";
}

std::string axes(const Frame& f) {
  std::string out;
  const double x0 = f.left, x1 = f.width - f.right, y0 = f.height - f.bottom;
  for (double v : axis_ticks(f.y, 5))
    out +=
        svg_line(x0, f.py(v), x1, f.py(v), "grid") + svg_text(x0 - 8, f.py(v) + 4, "end", tick_text(v, f.y));
  for (double v : axis_ticks(f.x, 6)) out += svg_text(f.px(v), y0 + 18, "middle", tick_text(v, f.x));
  return out + svg_line(x0, y0, x1, y0, "axis") + svg_text((x0 + x1) / 2, f.height - 6, "middle", f.x.label);
}

// Above the picture, where it may take as many lines as it needs.
std::string legend(const std::vector<Series>& series) {
  std::vector<std::pair<std::string, int>> names;
  for (const Series& s : series) names.emplace_back(s.name, s.colour);
  return html_legend(names);
}

// A stretch of a series: mean x, mean, least and greatest y.
using Stretch = std::array<double, 4>;

std::vector<Stretch> stretches(const Series& series) {
  std::vector<std::pair<double, double>> points;
  for (const auto& p : series.points)
    if (std::isfinite(p.first) && std::isfinite(p.second)) points.push_back(p);
  constexpr size_t kMost = 240;  // about one to two pixels each
  const size_t count = std::min(points.size(), kMost);
  std::vector<Stretch> out;
  for (size_t s = 0; s < count; ++s) {
    const size_t begin = s * points.size() / count, end = (s + 1) * points.size() / count;
    Stretch stretch = {0, 0, points[begin].second, points[begin].second};
    for (size_t i = begin; i < end; ++i) {
      stretch[0] += points[i].first / double(end - begin),
          stretch[1] += points[i].second / double(end - begin);
      stretch[2] = std::min(stretch[2], points[i].second),
      stretch[3] = std::max(stretch[3], points[i].second);
    }
    out.push_back(stretch);
  }
  return out;
}

std::string curve(const Frame& f, const Series& series) {
  const std::vector<Stretch> all = stretches(series);
  const std::string colour = std::to_string(series.colour);
  std::string out, path, band, back;
  for (const Stretch& s : all) {
    path += point(f, s[0], s[1]) + " ";
    band += point(f, s[0], s[3]) + " ";
    back = point(f, s[0], s[2]) + " " + back;
  }
  if (all.size() < series.points.size())
    out += "<polygon class=\"band fill-" + colour + "\" points=\"" + band + back + "\"/>";
  out += "<polyline class=\"line stroke-" + colour + "\" points=\"" + path + "\"/>";
  constexpr size_t kFew = 30;
  if (all.size() <= kFew)
    for (const Stretch& s : all)
      out += "<circle class=\"fill-" + colour + "\" cx=\"" + svg_number(f.px(s[0])) + "\" cy=\"" +
             svg_number(f.py(s[1])) + "\" r=\"2.5\"/>";
  return out;
}

constexpr int kBins = 40;

std::array<double, kBins> shares(const std::vector<double>& scores) {
  std::array<double, kBins> share{};
  for (double s : scores)
    share[size_t(std::clamp(int(s * kBins), 0, kBins - 1))] += 1.0 / double(scores.size());
  return share;
}

std::string silhouette(const Frame& f, const std::array<double, kBins>& share, const std::string& colour) {
  std::string points = point(f, 0, 0) + " ";
  for (int b = 0; b < kBins; ++b) {
    const double height = share[size_t(b)];
    points += point(f, double(b) / kBins, height) + " " + point(f, double(b + 1) / kBins, height) + " ";
  }
  points += point(f, 1, 0);
  return "<polygon class=\"area fill-" + colour + " stroke-" + colour + "\" points=\"" + points + "\"/>";
}

}  // namespace

Axis axis_of(const std::vector<Series>& series, bool x, const std::string& label) {
  double low = INFINITY, high = -INFINITY;
  for (const Series& s : series)
    for (const auto& [px, py] : s.points) {
      if (!std::isfinite(px) || !std::isfinite(py)) continue;
      low = std::min(low, x ? px : py), high = std::max(high, x ? px : py);
    }
  if (!(low <= high)) return {label, 0, 1};
  if (low == high)
    return {label, low - std::max(std::abs(low) / 2, 1e-9), high + std::max(std::abs(high) / 2, 1e-9)};
  const double air = x ? 0 : (high - low) * 0.05;
  return {label, low >= 0 ? std::max(0.0, low - air) : low - air, high + air};
}

std::string line_chart(const std::vector<Series>& series, const Axis& x, const Axis& y,
                       const ChartSize& size) {
  const Frame f{size.width, size.height, 52, 28, 16, 44, x, y};
  const bool named = series.size() != 1 || series[0].name != y.label;
  std::string out =
      (named ? legend(series) : "") + open_svg(f) + axes(f) + svg_text(f.left, 14, "start", f.y.label);
  if (size.diagonal) out += svg_line(f.px(x.low), f.py(y.low), f.px(x.high), f.py(y.high), "chance");
  for (const Series& s : series) out += curve(f, s);
  return out + "</svg>";
}

std::string histogram(const std::vector<double>& real, const std::vector<double>& fake,
                      const std::string& fake_name, int fake_colour) {
  const std::array<double, kBins> a = shares(real), b = shares(fake);
  const double top =
      std::max({*std::max_element(a.begin(), a.end()), *std::max_element(b.begin(), b.end()), 1e-9});
  const Frame f{240, 130, 4, 4, 4, 24, {"P(fake)", 0, 1}, {"", 0, top * 1.05}};
  std::string out = legend({{"real", {}, 1}, {fake_name, {}, fake_colour}}) + open_svg(f);
  out += silhouette(f, a, "1") + silhouette(f, b, std::to_string(fake_colour));
  const double floor = f.height - f.bottom;
  for (double v : {0.0, 0.5, 1.0})
    out += svg_text(f.px(v), floor + 16, v == 0 ? "start" : v == 1 ? "end" : "middle", tick_text(v, f.x));
  out += svg_line(f.px(0.5), f.top, f.px(0.5), floor, "chance") +
         svg_line(f.left, floor, f.width - f.right, floor, "axis");
  return out + "</svg>";
}

std::string interval_mark(double value, double from, double to, double low, double high) {
  const Frame f{110, 18, 5, 0, 5, 0, {"", low, high}, {"", 0, 1}};
  const double middle = f.height / 2;
  return "<svg class=\"mark\" viewBox=\"0 0 110 18\">" +
         svg_line(f.px(low), middle, f.px(high), middle, "grid") +
         svg_line(f.px((low + high) / 2), 3, f.px((low + high) / 2), 15, "chance") +
         svg_line(f.px(from), middle, f.px(to), middle, "whisker") + "<circle class=\"fill-1\" cx=\"" +
         svg_number(f.px(value)) + "\" cy=\"" + svg_number(middle) + "\" r=\"4\"/></svg>";
}

}  // namespace rc
