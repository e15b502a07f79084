// Which tensors of a file are the weights of a network, whatever the file calls them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "model/weights/network_tensors.h"
#include "model/weights/stored_tensor.h"

namespace rc {

struct WeightMatch {
  std::string backbone;
  std::string prefix;                   // of the names in the file that were taken: "module.backbone."
  std::string naming;                   // "torchvision"; empty: our own names
  std::vector<StoredTensor> tensors;    // what was found: our names, our shapes, fp32
  std::vector<std::string> reshaped;    // "block1.rep.0.pointwise.weight 128x64 -> 128x64x1x1"
  std::vector<std::string> missing;     // of the backbone: not in the file
  std::vector<std::string> fresh;       // of the classifier: not in the file, or of other classes
  std::vector<std::string> unexpected;  // in the file: no weight of this network
  int counters = 0;                     // num_batches_tracked in the file, which nothing here needs
  std::vector<std::string> warnings;

  bool complete() const { return missing.empty() && fresh.empty(); }
};

// Finds the prefix and the naming under which most tensors of the network are in the file; the classifier
// also by its other names and outside of the prefix. Sizes of 1 may be left out or added: old pointwise
// filters are matrices. Throws Error(data) that names `name` where nothing matches, where a tensor of the
// backbone has another shape, or where less than half of the network is there.
WeightMatch match_weights(const TensorFile&, const std::string& name, const std::string& backbone,
                          const std::vector<NetworkTensor>&);

std::string report_text(const WeightMatch&);  // some lines for people
nlohmann::ordered_json report_json(const WeightMatch&);

}  // namespace rc
