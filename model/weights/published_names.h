// How others name the weights of our backbones. Ours are torchvision's for ResNets and timm's for the rest.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace rc {

struct Naming {
  std::string whose;                        // "torchvision"; empty: our own
  std::map<std::string, std::string> ours;  // their name of a tensor -> ours
  std::string warning;                      // what is different about such weights, for their user
};

// Every naming that fits a backbone with these tensors, our own first.
std::vector<Naming> published_namings(const std::vector<std::string>& ours);

// Names that others give the linear layer on the features.
const std::vector<std::string>& classifier_names();

}  // namespace rc
