// One field of a line of CSV (RFC 4180).
#pragma once

#include <string>

namespace rc {

inline std::string csv_quoted(std::string text) {
  for (size_t at = 0; (at = text.find('"', at)) != text.npos; at += 2) text.insert(at, 1, '"');
  return '"' + text + '"';
}

}  // namespace rc
