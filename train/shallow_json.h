// JSON of files that may come from a stranger, for what copies or writes values as a whole: the library does
// so by recursion, and a text of a hundred thousand brackets would end the stack.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace rc {

// A discarded value, as for what is no JSON, where objects and arrays nest deeper than any file of ours.
nlohmann::ordered_json parse_shallow_json(std::string_view text);

}  // namespace rc
