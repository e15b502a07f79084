// Tables as text: CSV (RFC 4180).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rc {

// The records of a CSV text, the header among them. Throws Error(data) that names `name` and the line for an
// open quote.
std::vector<std::vector<std::string>> parse_csv(std::string_view text, const std::string& name);

}  // namespace rc
