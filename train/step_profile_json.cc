#include "train/step_profile_json.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

Json facts(const ProfiledOp& op) {
  return {{"scope", op.scope},
          {"name", op.name},
          {"phase", name_of(op.phase)},
          {"engine", op.engine},
          {"flops", op.cost.flops},
          {"bytes", op.cost.bytes},
          {"product", op.cost.product ? Json(name_of(*op.cost.product)) : Json(nullptr)},
          {"alive", op.alive},
          {"seconds", op.seconds},
          {"limit_seconds", op.limit.seconds},
          {"bound", name_of(op.limit.bound)}};
}

Phase phase_named(const std::string& name) {
  for (const Phase phase : {Phase::recomputed, Phase::backward, Phase::update})
    if (name == name_of(phase)) return phase;
  return Phase::forward;
}

std::optional<DType> product_named(const nlohmann::json& name) {
  for (const DType dtype : {DType::f32, DType::bf16})
    if (name == name_of(dtype)) return dtype;
  return std::nullopt;
}

}  // namespace

Json to_json(const StepProfile& profile) {
  Json ops = Json::array();
  for (const ProfiledOp& op : profile.ops) ops.push_back(facts(op));
  return {{"images", profile.images},
          {"steps", profile.steps},
          {"seconds", profile.seconds()},
          {"ops", std::move(ops)}};
}

StepProfile profile_of_json(const nlohmann::json& json, const Limit& limit) {
  StepProfile profile;
  profile.images = json.at("images");
  profile.steps = json.at("steps").get<std::vector<double>>();
  for (const nlohmann::json& op : json.at("ops")) {
    const Cost cost{op.at("flops"), op.at("bytes"), product_named(op.at("product"))};
    profile.ops.push_back({.scope = op.at("scope"),
                           .name = op.at("name"),
                           .engine = op.at("engine"),
                           .phase = phase_named(op.at("phase")),
                           .cost = cost,
                           .alive = op.at("alive"),
                           .seconds = op.at("seconds"),
                           .limit = limit(cost)});
  }
  return profile;
}

}  // namespace rc
