#include "train/shallow_json.h"

namespace rc {

using Json = nlohmann::ordered_json;

Json parse_shallow_json(std::string_view text) {
  constexpr int kDeepest = 32;
  bool shallow = true;
  const auto watch = [&](int depth, Json::parse_event_t, const Json&) {
    shallow = shallow && depth <= kDeepest;
    return shallow;
  };
  Json json = Json::parse(text, watch, false);
  return shallow ? json : Json(Json::value_t::discarded);
}

}  // namespace rc
