#include "train/training_state.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "engine/error.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

// JSON has numbers that an int64_t does not, and the library would cast them.
bool is_count(const Json& j) { return j.is_number_unsigned() && std::in_range<int64_t>(j.get<uint64_t>()); }
bool is_number(const Json& j) { return j.is_number(); }
bool is_string(const Json& j) { return j.is_string(); }

}  // namespace

std::string to_json_text(const TrainingState& state) {
  const Json j = {{"step", state.step},
                  {"best", state.best},
                  {"best_step", state.best_step},
                  {"loss_sum", state.loss_sum},
                  {"loss_count", state.loss_count},
                  {"data_hash", state.data_hash}};
  return j.dump(2) + "\n";
}

TrainingState parse_training_state(std::string_view text, const std::string& name) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) throw Error(Exit::data, "the training state is damaged: no JSON object", name);
  const auto member = [&](const char* key, bool (*fits)(const Json&)) -> const Json& {
    if (!json.contains(key) || !fits(json[key]))
      throw Error(Exit::data, std::string("the training state is damaged: it has no good ") + key, name);
    return json[key];
  };
  return {member("step", is_count),      member("best", is_number),      member("best_step", is_count),
          member("loss_sum", is_number), member("loss_count", is_count), member("data_hash", is_string)};
}

}  // namespace rc
