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

std::vector<std::vector<std::string>> parse_csv(std::string_view text, const std::string& name) {
  std::vector<std::vector<std::string>> records;
  size_t line = 1;
  for (size_t i = 0; i < text.size();) {
    std::vector<std::string> record;
    const size_t first_line = line;
    for (bool more = true; more;) {  // one field a round
      std::string field;
      if (i < text.size() && text[i] == '"') {
        for (++i;; ++i) {
          if (i >= text.size())
            throw Error(Exit::data, "open quote in " + name + ":" + std::to_string(first_line));
          if (text[i] == '\n') ++line;
          if (text[i] != '"') {
            field += text[i];
          } else if (i + 1 < text.size() && text[i + 1] == '"') {
            field += text[++i];
          } else {
            ++i;
            break;
          }
        }
      }
      while (i < text.size() && text[i] != ',' && text[i] != '\n') {
        if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') field += text[i];
        ++i;
      }
      record.push_back(std::move(field));
      more = i < text.size() && text[i] == ',';
      if (i < text.size() && text[i] == '\n') ++line;
      ++i;
    }
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace rc
