// Detectors as ONNX: the file is read back by the schema and run by plain loops in double precision, beside
// the detector itself on the CPU device.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/build_info.h"
#include "engine/file.h"
#include "engine/program.h"
#include "engine/rng.h"
#include "model/backbone.h"
#include "model/onnx/fold.h"
#include "model/onnx/translate.h"
#include "tests/reference/onnx.h"

namespace rc {
namespace {

using reference::OnnxArray;

constexpr int64_t kBatch = 2;

// How far an output may be from what fp32 makes of it: logits relative to the largest, the others, which are
// around 1, as they are. A sum of n products is wrong by 2^-24 sqrt(n) of its terms, and norms keep that
// share: over L layers, whose errors are independent, sqrt(L) times that. 3e-5 for ResNet-50 (n = 4608, L =
// 53) and for EfficientNet-B4 (n = 1632, L = 160). Measured: at most 2e-6.
constexpr double kAllowed = 3e-5;

// A detector whose numbers all matter: scales, shifts and statistics of norms are no longer 1 and 0. Shifts
// are small, or nothing of the images would be left behind a hundred layers of random weights.
struct Detector {
  std::unique_ptr<Device> device = open_device("cpu", 2);
  Variables variables;
  Inference inference;
  std::unique_ptr<Program> program;
  int64_t size;

  Detector(const DetectorOptions& options, int64_t image_size) : size(image_size) {
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, false);
    inference = trace_inference(*graph, options, kBatch, size);
    program = std::make_unique<Program>(std::move(graph));
    variables.allocate(*device);
    uint32_t stream = 0;
    for (const auto& v : variables.all()) {
      ++stream;
      if (v->desc.shape.rank() != 1 && v->name != "centre.real") continue;
      std::vector<float> values = values_of(*v);
      Rng rng(5, Purpose::test, stream);
      for (float& x : values) {
        const auto draw = float(rng.below(1000)) / 1000;
        x = v->name.ends_with("running_var") || v->name.ends_with("weight") ? 0.5f + draw
                                                                            : 0.02f * (draw - 0.5f);
      }
      device->upload(variables.tensor(*v).data, values.data(), v->desc.bytes());
    }
    program->prepare();
  }

  std::vector<float> values_of(const Variable& v) const {
    std::vector<float> values(size_t(v.desc.shape.numel()));
    device->download(values.data(), variables.tensor(v).data, v.desc.bytes());
    return values;
  }
  std::vector<double> values_of(Value v) const {
    const Tensor t = program->tensor(v);
    return {t.as<float>(), t.as<float>() + t.shape.numel()};
  }
  OnnxModel translated(bool folded) const {
    OnnxModel model = translate(program->graph(), inference, [&](const Variable& v) { return values_of(v); });
    model.name = "network";
    if (folded) fold_batch_norms(model);
    return model;
  }
};

DetectorOptions options_of(const std::string& backbone, Projection projection = Projection::mlp) {
  DetectorOptions options;
  options.backbone = backbone;
  options.embed_dim = 24;
  options.projection = projection;
  options.keys.centres = 3;
  return options;
}

// Images that a network of random weights tells apart, as it does not two of plain noise: bright on the
// right, or on the left. The same for the detector, u8 [N, S, S, 3], and for ONNX, normalised [N, 3, S, S].
struct Images {
  std::vector<uint8_t> pixels;
  OnnxArray input;

  Images(int64_t size, const DetectorOptions& o) : input{{kBatch, 3, size, size}, {}} {
    Rng rng(6, Purpose::test, 0);
    pixels.resize(size_t(input.size()));
    input.values.resize(pixels.size());
    const size_t area = size_t(size * size);
    for (size_t i = 0; i < pixels.size(); ++i) {
      const size_t image = i / (3 * area), pixel = i / 3 % area, colour = i % 3;
      pixels[i] = uint8_t(rng.below(128) + 128 * (image ^ (pixel % size_t(size) < size_t(size) / 2)));
      input.values[(image * 3 + colour) * area + pixel] =
          (pixels[i] / 255.0 - double(o.mean)) / double(o.std);
    }
  }
};

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

size_t count(const OnnxModel& model, const std::string& op) {
  return size_t(std::ranges::count(model.nodes, op, &OnnxNode::op));
}

// For other runtimes: the model, and beside it images and what the detector says of them.
void leave(const std::string& name, const std::string& bytes, const OnnxArray& input,
           const std::map<std::string, std::vector<double>>& outputs) {
  const char* folder = std::getenv("ONNX_CASES");
  if (!folder) return;
  const std::filesystem::path path = std::filesystem::path(folder) / name;
  write_file(path.string() + ".onnx", bytes);
  const nlohmann::json said = {{"shape", input.shape}, {"input", input.values}, {"outputs", outputs}};
  write_file(path.string() + ".json", said.dump());
}

std::vector<double> unit_rows(std::vector<double> values, size_t dim) {
  for (size_t i = 0; i < values.size(); i += dim) {
    double square = 0;
    for (size_t d = i; d < i + dim; ++d) square += values[d] * values[d];
    for (size_t d = i; d < i + dim; ++d) values[d] /= std::sqrt(square);
  }
  return values;
}

// Runs the detector and its model, folded or not, and compares all outputs.
void compare(const std::string& name, const DetectorOptions& options, int64_t size) {
  Detector detector(options, size);
  const Images images(size, options);
  const std::vector<uint8_t> unflipped(kBatch, 0);
  const Inference& f = detector.inference;
  detector.device->upload(detector.program->tensor(f.pixels).data, images.pixels.data(),
                          images.pixels.size());
  detector.device->upload(detector.program->tensor(f.flip).data, unflipped.data(), kBatch);
  detector.program->run();

  std::map<std::string, std::vector<double>> said = {{"logits", detector.values_of(f.logits)}};
  const std::vector<double>& logits = said["logits"];
  for (size_t i = 0; i < kBatch; ++i)
    said["prob_fake"].push_back(1 / (1 + std::exp(logits[2 * i] - logits[2 * i + 1])));
  if (f.embedding) {
    said["embedding"] = unit_rows(detector.values_of(f.embedding), size_t(options.embed_dim));
    said["real_distance"] = detector.values_of(f.distance);
  }
  CHECK(largest(logits) > 1e-3);  // a network that says nothing compares equal to anything
  CHECK(distance({logits[0]}, {logits[2]}) >
        10 * kAllowed * largest(logits));  // and so does one that sees nothing

  for (const bool folded : {false, true}) {
    CAPTURE(folded);
    const std::string bytes = encode_onnx(detector.translated(folded));
    const auto out = reference::run_onnx(reference::decode_onnx(bytes).model, {{"input", images.input}});
    CHECK(out.size() == said.size());
    for (const auto& [key, values] : said) {
      const std::string& output = key;  // a binding cannot be captured
      CAPTURE(output);
      CHECK(out.at(output).shape[0] == kBatch);
      const double far =
          distance(out.at(output).values, values) / (output == "logits" ? largest(values) : 1.0);
      CHECK(far <= kAllowed);
    }
    leave(name + (folded ? "_folded" : "_kept"), bytes, images.input, said);
  }
}

}  // namespace

TEST_SUITE("onnx") {
  TEST_CASE("a detector as ONNX, run by plain loops, says what the detector says") {
    for (const std::string& backbone : backbone_names()) {
      CAPTURE(backbone);
      compare(backbone, options_of(backbone), 48);
    }
  }
  TEST_CASE("the norm of a projection head is folded into the linear layer before it") {
    const DetectorOptions options = options_of("resnet18", Projection::mlp_norm);
    const Detector detector(options, 32);
    CHECK(count(detector.translated(false), "BatchNormalization") == 21);
    CHECK(count(detector.translated(true), "BatchNormalization") == 0);
    compare("resnet18_mlp_bn", options, 32);
  }
  TEST_CASE("a detector without centres has no embedding") {
    DetectorOptions options = options_of("resnet18");
    options.objective = Objective::cross_entropy;
    compare("resnet18_ce", options, 32);
  }

  TEST_CASE("the file says what it is, and holds the weights by PyTorch's names and in its order") {
    const DetectorOptions options = options_of("resnet18");
    const Detector detector(options, 32);
    OnnxModel model = detector.translated(false);
    model.metadata = {{"mean", "0.5"}, {"size", "32"}};
    const std::string bytes = encode_onnx(model);
    CHECK(bytes == encode_onnx(model));
    const reference::DecodedOnnx file = reference::decode_onnx(bytes);
    CHECK(file.ir == 8);
    CHECK(file.opset == 13);
    CHECK(file.domain.empty());
    CHECK(file.producer == "realcentric");
    CHECK(file.producer_version == kVersion);
    CHECK(file.model.name == model.name);
    CHECK(file.model.metadata == model.metadata);
    CHECK(count(file.model, "Conv") == 20);
    CHECK(count(file.model, "BatchNormalization") == 20);
    CHECK(count(file.model, "Relu") == 18);  // 17 of the backbone, one of the projection head
    CHECK(count(file.model, "Gemm") == 4);   // and the cosines
    REQUIRE(file.model.inputs.size() == 1);
    CHECK(file.model.inputs[0].name == "input");
    CHECK(file.model.inputs[0].shape == std::vector<int64_t>{kAnyBatch, 3, 32, 32});
    std::map<std::string, std::vector<int64_t>> outputs;
    for (const OnnxValue& v : file.model.outputs) outputs[v.name] = v.shape;
    CHECK(outputs == std::map<std::string, std::vector<int64_t>>{{"logits", {kAnyBatch, 2}},
                                                                 {"prob_fake", {kAnyBatch}},
                                                                 {"embedding", {kAnyBatch, 24}},
                                                                 {"real_distance", {kAnyBatch}}});
    const OnnxNode& first = file.model.nodes.front();
    CHECK(first.op == "Conv");
    CHECK(first.name == "conv1");
    CHECK(std::get<std::vector<int64_t>>(first.attributes.at("strides")) == std::vector<int64_t>{2, 2});
    CHECK(std::get<std::vector<int64_t>>(first.attributes.at("pads")) == std::vector<int64_t>{3, 3, 3, 3});

    OnnxModel decoded = file.model;
    const OnnxConstant* filters = decoded.constant("layer2.0.conv1.weight");
    REQUIRE(filters != nullptr);
    CHECK(filters->shape == std::vector<int64_t>{128, 64, 3, 3});
    const std::vector<float> ours = detector.values_of(*detector.variables.find("layer2.0.conv1.weight"));
    const auto& theirs = std::get<std::vector<float>>(filters->values);
    const auto at = [](size_t k, size_t c, size_t r, size_t s) { return ((k * 64 + c) * 3 + r) * 3 + s; };
    CHECK(theirs[at(5, 7, 0, 2)] == ours[((5 * 3 + 0) * 3 + 2) * 64 + 7]);
    CHECK(theirs[at(127, 63, 2, 1)] == ours[((127 * 3 + 2) * 3 + 1) * 64 + 63]);
  }

  TEST_CASE("a wrong weight is seen by the comparison") {
    const DetectorOptions options = options_of("resnet18");
    const Detector detector(options, 32);
    const Images images(32, options);
    OnnxModel model = detector.translated(false);
    const auto before = reference::run_onnx(model, {{"input", images.input}}).at("logits").values;
    std::get<std::vector<float>>(model.constant("layer3.0.bn1.weight")->values)[3] *= 1.5f;
    const auto after = reference::run_onnx(model, {{"input", images.input}}).at("logits").values;
    CHECK(distance(before, after) > 10 * kAllowed * std::max(1.0, largest(before)));
  }
}

}  // namespace rc
