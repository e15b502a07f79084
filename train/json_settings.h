// A JSON object of settings as a flat list: dotted keys, values, and the line of each, which the JSON library
// alone cannot tell.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rc {

struct JsonSetting {
  std::string key;               // "optim.lr", whether written nested or dotted
  nlohmann::ordered_json value;  // a scalar, an array of scalars, or {} for an object without members
  int line = 0;                  // of its key, from 1
};

// In the order of the file. Throws Error(usage) that names `name` and the line for what is not strict JSON,
// not an object, or nests arrays.
std::vector<JsonSetting> parse_json_settings(std::string_view text, const std::string& name);

}  // namespace rc
