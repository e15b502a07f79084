// The backbones by name: what the command line offers and a checkpoint asks for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/layers.h"

namespace rc {

struct Backbone {
  const char* name;
  // Images [N, H, W, 3] to pooled features [N, features]. The classifier is the caller's.
  Value (*features)(const Layers&, Value images);
  const char* classifier;  // name of the linear layer on the features in published weights
  // As published, while training: dropout before the classifier, and Layers::stochastic_depth.
  float dropout = 0, drop_path = 0;
};

// Throws Error(usage) that lists the known ones.
const Backbone& find_backbone(const std::string& name);
std::vector<std::string> backbone_names();

}  // namespace rc
