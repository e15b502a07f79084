#include "data/json_object.h"

#include "engine/error.h"
#include "engine/file.h"

namespace rc {

nlohmann::json read_json_object(const std::filesystem::path& file, const std::string& expected) {
  constexpr uint64_t kLimit = uint64_t(2) << 30;
  const auto refuse = [&](const std::string& why) -> Error {
    return {Exit::data, "cannot read the index " + file.string(), why, "expected " + expected};
  };
  try {
    nlohmann::json json = nlohmann::json::parse(read_file(file, kLimit));
    if (!json.is_object()) throw refuse("no object at its top");
    return json;
  } catch (const nlohmann::json::exception& error) {
    throw refuse(error.what());
  }
}

}  // namespace rc
