#include "train/onnx_export.h"

#include <memory>

#include "engine/build_info.h"
#include "model/onnx/fold.h"
#include "model/onnx/translate.h"
#include "train/checkpoint.h"
#include "train/detector_config.h"
#include "train/row.h"

namespace rc {

OnnxExport export_onnx(const std::filesystem::path& path, bool keep_norms) {
  const Config config = load_model_config(path);
  const DetectorOptions options = detector_options(config);
  const std::unique_ptr<Device> device = open_device("cpu", 1);
  Variables variables;
  Graph graph(*device, variables, Policy{}, false);
  const Inference inference = trace_inference(graph, options, 1, config.data.img_size);
  variables.allocate(*device);
  load_model(path, *device, variables);

  const auto values = [&](const Variable& v) {
    std::vector<float> host(size_t(v.desc.shape.numel()));
    device->download(host.data(), variables.tensor(v).data, v.desc.bytes());
    return host;
  };
  OnnxModel model = translate(graph, inference, values);
  if (!keep_norms) fold_batch_norms(model);

  OnnxExport out;
  out.weights_hash = weights_hash(path);
  out.nodes = model.nodes.size();
  model.name = config.model.name;
  model.metadata = {{"backbone", config.model.name},
                    {"objective", config.loss.objective},
                    {"batch_norm", keep_norms ? "kept" : "folded"},
                    {"input", "RGB, (pixel / 255 - mean) / std"},
                    {"size", std::to_string(config.data.img_size)},
                    {"resize", config.data.resize},
                    {"mean", number_text(options.mean)},
                    {"std", number_text(options.std)},
                    {"labels", R"({"0":"real","1":"fake"})"},
                    {"weights_sha256", out.weights_hash},
                    {"realcentric", std::string(kVersion) + " (commit " + git_id() + ")"}};
  out.bytes = encode_onnx(model);
  return out;
}

}  // namespace rc
