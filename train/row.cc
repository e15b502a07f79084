#include "train/row.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/error.h"

namespace rc {
namespace {

template <class T>
std::string shortest(T x) {
  if (std::isnan(x)) return "nan";  // never "-nan"
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, x);
  check(error == std::errc(), "a number's text is longer than any is");
  return std::string(text, end);
}

std::string csv_value(const Cell& value) {
  if (const auto* i = std::get_if<int64_t>(&value)) return std::to_string(*i);
  if (const auto* x = std::get_if<double>(&value)) return std::isnan(*x) ? "" : number_text(*x);
  return csv_field(std::get<std::string>(value));
}

std::string quoted(const std::string& text) {
  using Json = nlohmann::json;
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_value(const Cell& value) {
  if (const auto* i = std::get_if<int64_t>(&value)) return std::to_string(*i);
  if (const auto* x = std::get_if<double>(&value)) return std::isfinite(*x) ? number_text(*x) : "null";
  return quoted(std::get<std::string>(value));
}

}  // namespace

std::string number_text(double x) { return shortest(x); }
std::string number_text(float x) { return shortest(x); }

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string csv_header(const Row& row) {
  std::string line;
  for (const auto& [name, value] : row) line += (line.empty() ? "" : ",") + csv_field(name);
  return line + "\n";
}

std::string csv_line(const Row& row) {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) line += (i == 0 ? "" : ",") + csv_value(row[i].second);
  return line + "\n";
}

std::string json_line(const Row& row) {
  std::string line = "{";
  for (size_t i = 0; i < row.size(); ++i)
    line += (i == 0 ? "" : ",") + quoted(row[i].first) + ":" + json_value(row[i].second);
  return line + "}\n";
}

}  // namespace rc
