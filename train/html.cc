#include "train/html.h"

#include <cstdint>

namespace rc {
namespace {

// RFC 4648.
std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view three = bytes.substr(at, 3);
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < three.size() ? uint8_t(three[i]) : 0);
    for (size_t i = 0; i < 4; ++i)
      text.push_back(i <= three.size() ? kDigits[bits >> (18 - 6 * i) & 63] : '=');
  }
  return text;
}

}  // namespace

std::string html_escape(const std::string& s) {
  std::string out;
  for (const char c : s) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  return out;
}

std::string html_tag(const std::string& name, const std::string& inside) {
  return "<" + name + ">" + inside + "</" + name.substr(0, name.find(' ')) + ">";
}

std::string html_card(const std::string& title, const std::string& inside) {
  return html_tag("section class=\"card\"",
                  (title.empty() ? "" : html_tag("h3", html_escape(title))) + inside) +
         "\n";
}

std::string html_tile(const std::string& value, const std::string& what) {
  return html_tag("div class=\"tile\"",
                  html_tag("b", html_escape(value)) + html_tag("span", html_escape(what)));
}

std::string html_row(const std::vector<std::string>& cells, const std::string& cell, const std::string& row) {
  std::string inside;
  for (const std::string& one : cells) inside += html_tag(cell, one);
  return html_tag(row, inside) + "\n";
}

std::string html_legend(const std::vector<std::pair<std::string, int>>& names) {
  std::string inside;
  for (const auto& [name, colour] : names)
    inside +=
        html_tag("span", html_tag("i class=\"key-" + std::to_string(colour) + "\"", "") + html_escape(name));
  return html_tag("div class=\"legend\"", inside);
}

std::string html_image(std::string_view bytes, const std::string& type, const std::string& description) {
  return "<img alt=\"" + html_escape(description) + "\" src=\"data:" + type + ";base64," + base64(bytes) +
         "\">";
}

}  // namespace rc
