// The pieces of a chart: text, lines and round numbers along an axis.
#pragma once

#include <string>
#include <vector>

#include "train/plot.h"

namespace rc {

std::string svg_number(double pixels);  // a tenth of a pixel
std::string svg_text(double x, double y, const std::string& anchor, const std::string& text);  // escaped
std::string svg_line(double x1, double y1, double x2, double y2, const std::string& style);

// About `wanted` round numbers within an axis.
std::vector<double> axis_ticks(const Axis&, int wanted);
// Short, and alike for all ticks of an axis: 0.25, 1.5e-04.
std::string tick_text(double value, const Axis&);

}  // namespace rc
