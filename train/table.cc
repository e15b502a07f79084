#include "train/table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/error.h"

namespace rc {
namespace {

std::string repeat(const std::string& piece, size_t times) {
  std::string out;
  while (times-- > 0) out += piece;
  return out;
}

}  // namespace

size_t width_of(const std::string& text) {
  return size_t(std::count_if(text.begin(), text.end(), [](char c) { return (uint8_t(c) & 0xC0) != 0x80; }));
}

void Table::add(std::vector<std::string> cells) {
  check(cells.size() == rows_[0].size(), "as many cells as columns", "table");
  rows_.push_back(std::move(cells));
}

void Table::rule() { ruled_.push_back(rows_.size() - 1); }

std::vector<size_t> Table::widths() const {
  std::vector<size_t> widths(rows_[0].size());
  for (const auto& row : rows_)
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  return widths;
}

std::string Table::text() const {
  const std::vector<size_t> width = widths();
  std::string out;
  for (size_t r = 0; r < rows_.size(); ++r) {
    std::string line;
    for (size_t c = 0; c < width.size(); ++c) {
      const std::string space(width[c] - width_of(rows_[r][c]), ' ');
      line += (c == 0 ? "" : "  ") + (c == 0 ? rows_[r][c] + space : space + rows_[r][c]);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    if (std::ranges::find(ruled_, r) == ruled_.end()) continue;
    for (size_t c = 0; c < width.size(); ++c) out += (c == 0 ? "" : "  ") + repeat("─", width[c]);
    out += "\n";
  }
  return out;
}

std::string Table::markdown() const {
  std::string out;
  for (size_t r = 0; r < rows_.size(); ++r) {
    for (const std::string& cell : rows_[r]) {
      out += "| ";
      for (char c : cell) out += c == '|' ? "\\|" : std::string(1, c);
      out += " ";
    }
    out += "|\n";
    if (r == 0) out += "|---|" + repeat("---:|", rows_[0].size() - 1) + "\n";
  }
  return out;
}

std::string bar(double share, int width) {
  static const char* const kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = int(std::lround(std::clamp(share, 0.0, 1.0) * width * 8));
  const int taken = (eighths + 7) / 8;
  return repeat("█", size_t(eighths / 8)) + kEighths[eighths % 8] + std::string(size_t(width - taken), ' ');
}

std::string fixed(double x, int digits) {
  if (!std::isfinite(x)) return "–";
  char text[400];  // the longest double in fixed notation has 309 digits before the point
  const auto [end, error] = std::to_chars(text, text + sizeof text, x, std::chars_format::fixed, digits);
  check(error == std::errc(), "a number fits its buffer", "fixed");
  return std::string(text, end);
}

}  // namespace rc
