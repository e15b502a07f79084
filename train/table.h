// A table for people: aligned columns on a terminal, or Markdown.
#pragma once

#include <string>
#include <vector>

namespace rc {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}

  void add(std::vector<std::string> cells);  // as many as the header has
  void rule();                               // a line between what was added and what will be, on a terminal
  std::string text() const;  // first column to the left, the others to the right, a rule below the header
  std::string markdown() const;

 private:
  std::vector<size_t> widths() const;

  std::vector<std::vector<std::string>> rows_;  // the header first; UTF-8
  std::vector<size_t> ruled_ = {0};             // rows with a rule below
};

size_t width_of(const std::string&);  // characters of UTF-8, not bytes

// A bar of `width` characters for a share of 1, to an eighth of a character.
std::string bar(double share, int width);

std::string fixed(double, int digits);  // 0.9123; "–" for what is no number

}  // namespace rc
