#include "train/initial_weights.h"

#include <nlohmann/json.hpp>

#include "engine/file.h"
#include "engine/sha256.h"
#include "model/weights/filter_order.h"
#include "model/weights/weight_file.h"
#include "train/checkpoint.h"

namespace rc {

InitialWeights read_initial_weights(const std::filesystem::path& path, const std::string& backbone) {
  const std::filesystem::path file = model_file(path);
  const std::string bytes = read_file(file);
  const TensorFile tensors = decode_weights(bytes, file.string());
  InitialWeights initial{file.string(), sha256(bytes),
                         match_weights(tensors, file.string(), backbone, network_tensors(backbone))};
  initial.match.warnings.insert(initial.match.warnings.begin(), tensors.warnings.begin(),
                                tensors.warnings.end());
  return initial;
}

void set_weights(const WeightMatch& match, Device& device, Variables& variables) {
  for (const StoredTensor& t : match.tensors) {
    const Variable* v = variables.find(t.name);
    check(v && v->desc.dtype == DType::f32 && v->desc.bytes() == t.bytes.size(),
          "a weight of the network is a variable of it", t.name);
    device.upload(variables.tensor(*v).data, from_pytorch_order(t.bytes, v->desc.shape).data(),
                  t.bytes.size());
  }
}

nlohmann::ordered_json record_of(const InitialWeights& initial) {
  nlohmann::ordered_json record = {{"file", initial.path}, {"sha256", initial.sha256}};
  record.update(report_json(initial.match));
  return record;
}

}  // namespace rc
