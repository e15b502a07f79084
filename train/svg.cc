#include "train/svg.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "train/html.h"
#include "train/table.h"

namespace rc {

std::string svg_number(double pixels) { return fixed(pixels, 1); }

std::string svg_text(double x, double y, const std::string& anchor, const std::string& text) {
  return "<text x=\"" + svg_number(x) + "\" y=\"" + svg_number(y) + "\" text-anchor=\"" + anchor + "\">" +
         html_escape(text) + "</text>";
}

std::string svg_line(double x1, double y1, double x2, double y2, const std::string& style) {
  return "<line class=\"" + style + "\" x1=\"" + svg_number(x1) + "\" y1=\"" + svg_number(y1) + "\" x2=\"" +
         svg_number(x2) + "\" y2=\"" + svg_number(y2) + "\"/>";
}

std::vector<double> axis_ticks(const Axis& axis, int wanted) {
  const double rough = (axis.high - axis.low) / wanted, power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (double factor : {5.0, 2.0, 1.0})
    if (factor * power >= rough) step = factor * power;
  std::vector<double> out;
  for (double n = std::ceil(axis.low / step - 1e-9); n * step <= axis.high + step * 1e-9; ++n) {
    out.push_back(n * step);
    if (n + 1 == n) break;  // doubles as large as this are further apart
  }
  return out;
}

std::string tick_text(double value, const Axis& axis) {
  const double largest = std::max(std::abs(axis.low), std::abs(axis.high));
  if (std::abs(value) < largest * 1e-9) return "0";
  char buffer[32];
  const bool plain = largest >= 0.01 && largest < 1e5;
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, format, plain ? 4 : 1);
  std::string mantissa(buffer, error == std::errc() ? end : buffer), exponent;
  if (const size_t e = mantissa.find('e'); e != std::string::npos)
    exponent = mantissa.substr(e), mantissa.resize(e);
  mantissa.erase(mantissa.find_last_not_of('0') + 1);
  if (mantissa.ends_with(".")) mantissa.pop_back();
  return mantissa + exponent;
}

}  // namespace rc
