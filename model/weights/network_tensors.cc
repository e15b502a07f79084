#include "model/weights/network_tensors.h"

#include "model/backbone.h"
#include "model/detector.h"
#include "model/weights/filter_order.h"

namespace rc {

std::vector<NetworkTensor> network_tensors(const std::string& backbone) {
  const std::string classifier = std::string(find_backbone(backbone).classifier) + ".";
  const std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  Graph graph(*device, variables, Policy{}, false);
  DetectorOptions options;
  options.backbone = backbone;
  options.objective = Objective::cross_entropy;
  constexpr int64_t kSize =
      64;  // any that no backbone shrinks to nothing: names and shapes do not depend on it
  trace_inference(graph, options, 1, kSize);

  std::vector<NetworkTensor> tensors;
  for (const auto& v : variables.all())
    tensors.push_back({v->name, pytorch_shape(v->desc.shape), v->name.starts_with(classifier)});
  return tensors;
}

}  // namespace rc
