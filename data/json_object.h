// A JSON file that holds one object, as most data sets describe themselves.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace rc {

// Throws Error(data) that names the file when it cannot be read, is no JSON or no object, or is larger than
// 2 GiB; `expected`, such as "{...}", is the hint.
nlohmann::json read_json_object(const std::filesystem::path&, const std::string& expected);

}  // namespace rc
