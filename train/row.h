// A row of named values, as a line of CSV (RFC 4180) and of JSON. Numbers by shortest round trip; NaN is
// empty or null.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "data/csv.h"

namespace rc {

using Cell = std::variant<int64_t, double, std::string>;
using Row = std::vector<std::pair<std::string, Cell>>;

std::string number_text(double);  // shortest text that reads back as the same double; "nan", "inf", "-inf"
std::string number_text(float);   // the same for a float

std::string csv_field(std::string_view);  // quoted where it holds a comma, a quote or a line break
std::string csv_header(const Row&);       // with the line end
std::string csv_line(const Row&);
std::string json_line(const Row&);

}  // namespace rc
