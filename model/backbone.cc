#include "model/backbone.h"

#include <array>

#include "model/efficientnet.h"
#include "model/resnet.h"
#include "model/xception.h"

namespace rc {
namespace {

constexpr std::array kBackbones = {
    Backbone{"resnet18", resnet18, "fc"},
    Backbone{"resnet34", resnet34, "fc"},
    Backbone{"resnet50", resnet50, "fc"},
    Backbone{"xception", xception, "last_linear"},
    Backbone{.name = "efficientnet_b0",
             .features = efficientnet_b0,
             .classifier = "classifier",
             .dropout = 0.2f,
             .drop_path = 0.2f},
    Backbone{.name = "efficientnet_b4",
             .features = efficientnet_b4,
             .classifier = "classifier",
             .dropout = 0.4f,
             .drop_path = 0.2f},
};

}  // namespace

const Backbone& find_backbone(const std::string& name) {
  std::string known;
  for (const Backbone& b : kBackbones) {
    if (name == b.name) return b;
    known += (known.empty() ? "" : ", ") + std::string(b.name);
  }
  throw Error(Exit::usage, "unknown backbone \"" + name + "\"", "model.name", "known are " + known);
}

std::vector<std::string> backbone_names() {
  std::vector<std::string> names;
  for (const Backbone& b : kBackbones) names.emplace_back(b.name);
  return names;
}

}  // namespace rc
