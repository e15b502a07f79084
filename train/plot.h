// Charts as inline SVG, without scripts and the same bytes for the same numbers. Colours are CSS classes of
// the page: stroke-1, fill-1, key-1 ... key-6.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace rc {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // by growing x; those that are not finite are left out
  int colour = 1;                                 // 1..6
};

struct Axis {
  std::string label;
  double low = 0, high = 1;
};

struct ChartSize {
  double width = 500, height = 240;  // pixels where the page is as wide; text does not grow with them
  bool diagonal = false;             // the line of chance of a ROC
};

// The smallest axis that holds all points of a coordinate, with a little air; 0..1 without any.
Axis axis_of(const std::vector<Series>&, bool x, const std::string& label);

// Lines, with a legend above them unless there is one of the y axis's name. A series of very many points is
// drawn as the mean of stretches with a band from least to greatest.
std::string line_chart(const std::vector<Series>&, const Axis& x, const Axis& y, const ChartSize&);

// Two distributions of scores in [0, 1] over each other, as shares of their own number.
std::string histogram(const std::vector<double>& real, const std::vector<double>& fake,
                      const std::string& fake_name, int fake_colour);

// A value with its interval on the line from `low` to `high`, small enough for a table's cell.
std::string interval_mark(double value, double from, double to, double low, double high);

}  // namespace rc
