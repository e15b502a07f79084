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

}  // namespace

Json to_json(const StepProfile& profile) {
  Json ops = Json::array();
  for (const ProfiledOp& op : profile.ops) ops.push_back(facts(op));
  return {{"images", profile.images},
          {"steps", profile.steps},
          {"seconds", profile.seconds()},
          {"ops", std::move(ops)}};
}

}  // namespace rc
