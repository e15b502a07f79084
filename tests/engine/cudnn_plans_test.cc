// cuDNN's plans for GPUs that are not there: every convolution of every backbone, in three directions and two
// precisions, on each known GPU.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "model/detector.h"
#include "tests/engine/described.h"
#include "train/config_schema.h"

namespace rc {
namespace {

// Passes every call on, and remembers the convolutions that were asked for.
class Recorder : public Device {
 public:
  explicit Recorder(Device& device) : device_(device) {}

  std::string name() const override { return device_.name(); }
  std::string description() const override { return device_.description(); }
  Where where() const override { return device_.where(); }
  bool asynchronous() const override { return device_.asynchronous(); }
  Memory reserve(size_t bytes) override { return device_.reserve(bytes); }
  size_t reserved() const override { return device_.reserved(); }
  size_t available() const override { return device_.available(); }
  void upload(void* to, const void* from, size_t bytes) override { device_.upload(to, from, bytes); }
  void feed(std::span<const Transfer> inputs) override { device_.feed(inputs); }
  void download(void* to, const void* from, size_t bytes) override { device_.download(to, from, bytes); }
  std::unique_ptr<Arrival> fetch(std::span<const Tensor> tensors) override { return device_.fetch(tensors); }
  void fill_zero(void* data, size_t bytes) override { device_.fill_zero(data, bytes); }
  void synchronize() override { device_.synchronize(); }
  std::unique_ptr<Recording> record(std::function<void()> work) override { return device_.record(work); }
  int64_t activation_block(DType dtype, int64_t channels) const override {
    return device_.activation_block(dtype, channels);
  }
  std::unique_ptr<Plan> plan(const ConvDesc& d, Direction direction, const Policy& policy) override {
    auto plan = device_.plan(d, direction, policy);
    convolutions.push_back({d, direction, plan->engine(), plan->notes(), plan->workspace()});
    return plan;
  }
  std::unique_ptr<Plan> plan(const GemmDesc& d, const Policy& policy) override {
    ++gemms;
    return device_.plan(d, policy);
  }

  struct Convolution {
    ConvDesc desc;
    Direction direction;
    std::string engine, notes;
    size_t workspace;
  };
  std::vector<Convolution> convolutions;
  int gemms = 0;

 private:
  Device& device_;
};

using Convolution = Recorder::Convolution;

constexpr Direction kDirections[] = {Direction::forward, Direction::data_gradient,
                                     Direction::weight_gradient};

bool says(const std::string& notes, const char* what) { return notes.find(what) != std::string::npos; }

// What a plan may ask for above the limit: room to align its workspace.
constexpr size_t kRoom = 256;

}  // namespace

TEST_SUITE("cudnn-plans") {
  TEST_CASE("every convolution of every backbone has a deterministic plan on every known GPU") {
    for (const std::string& gpu : known_gpus()) {
      const auto device = described(gpu);
      if (device == nullptr) return;
      for (const std::string& backbone : find_field("model.name")->choices)
        for (const DType precision : {DType::f32, DType::bf16}) {
          Recorder recorder(*device);
          Variables variables;
          Policy policy;
          policy.precision = precision;
          Graph graph(recorder, variables, policy, true);
          DetectorOptions detector;
          detector.backbone = backbone;
          trace_training(graph, detector, {}, 32, 224);
          // Those that the step takes, and of each the two other directions.
          std::map<std::string, ConvDesc> convolutions;
          for (const Convolution& c : recorder.convolutions) convolutions.emplace(c.desc.text(), c.desc);
          CHECK(convolutions.size() > 10);
          CHECK(recorder.gemms > 5);
          for (const auto& [text, desc] : convolutions)
            for (const Direction direction : kDirections) recorder.plan(desc, direction, policy);

          for (const Convolution& c : recorder.convolutions) {
            CAPTURE(gpu);
            CAPTURE(c.desc.text());
            CAPTURE(std::string(name_of(c.direction)));
            CAPTURE(c.engine);
            CAPTURE(c.notes);
            CHECK(c.desc.dtype == precision);
            CHECK(c.engine.starts_with("eng"));
            CHECK(c.workspace <= policy.workspace_limit + kRoom);
            CHECK_FALSE(says(c.notes, "not deterministic"));
            if (precision == DType::f32) CHECK_FALSE(says(c.notes, "tensor cores"));
            if (precision == DType::f32) CHECK_FALSE(says(c.notes, "rounds operands"));
          }
          // The same question has the same answer, searched or remembered.
          std::map<std::string, Convolution> answers;
          for (const Convolution& c : recorder.convolutions) {
            const Convolution& first = answers.emplace(c.desc.text() + name_of(c.direction), c).first->second;
            CHECK(first.engine == c.engine);
            CHECK(first.notes == c.notes);
            CHECK(first.workspace == c.workspace);
          }
          // cuDNN writes weight gradients of bf16 operands in bf16; the step widens each.
          int64_t narrow = 0, widened = 0;
          for (const Node& node : graph.nodes()) {
            if (node.out.empty() || !node.out[0]) continue;
            const std::string op = node.op->name();
            const DType out = node.out[0].desc().dtype;
            narrow += op == "conv2d.weight_grad" && out == DType::bf16;
            widened += op == "cast" && out == DType::f32;
          }
          CHECK(widened == narrow);
          CHECK((narrow > 10) == (precision == DType::bf16));
        }
    }
  }

  TEST_CASE("what a policy forbids is what would be chosen without it") {
    for (const std::string& gpu : known_gpus()) {
      const auto device = described(gpu);
      if (device == nullptr) return;
      CAPTURE(gpu);
      const auto plan = [&](Direction direction, const auto& change) {
        Policy policy;
        change(policy);
        return device->plan(kBlock, direction, policy);
      };
      const auto nothing = [](Policy&) {};
      const auto strict = plan(Direction::weight_gradient, nothing);
      CHECK_FALSE(says(strict->notes(), "not deterministic"));
      CHECK_FALSE(says(strict->notes(), "tensor cores"));
      CHECK(says(plan(Direction::weight_gradient, [](Policy& p) { p.deterministic = false; })->notes(),
                 "not deterministic"));
      CHECK(
          says(plan(Direction::weight_gradient, [](Policy& p) { p.tf32 = true; })->notes(), "tensor cores"));
      CHECK(plan(Direction::forward, nothing)->workspace() > 0);
      CHECK(plan(Direction::forward, [](Policy& p) { p.workspace_limit = 0; })->workspace() == 0);
    }
  }

  TEST_CASE("GEMMs are described to cuBLASLt in every form") {
    const auto device = described("h100");
    if (device == nullptr) return;
    for (const DType dtype : {DType::f32, DType::bf16})
      for (const int form : {0, 1, 2, 3, 4, 5, 6, 7}) {
        const auto plan = device->plan(GemmDesc{.dtype = dtype,
                                                .m = 5,
                                                .n = 7,
                                                .k = 11,
                                                .transpose_a = (form & 1) != 0,
                                                .transpose_b = (form & 2) != 0,
                                                .accumulate = (form & 4) != 0},
                                       {});
        CHECK(plan->engine() == "cublasLt");
        CHECK(plan->workspace() >= size_t(32) << 20);
      }
    Policy little;
    little.workspace_limit = 1000;
    CHECK(device->plan(GemmDesc{.m = 5, .n = 7, .k = 11}, little)->workspace() <= 1000 + kRoom);
  }

  TEST_CASE("a described GPU plans and does not run") {
    const auto device = described("h100");
    if (device == nullptr) return;
    CHECK(device->name() == "NVIDIA H100 80GB HBM3");
    CHECK(device->description().find("cuDNN 9.") != std::string::npos);
    const auto refusal = [](const auto& something) {
      try {
        something();
      } catch (const Error& error) {
        return error.code();
      }
      return Exit::ok;
    };
    char byte = 0;
    CHECK(refusal([&] { device->reserve(1); }) == Exit::device);
    CHECK(refusal([&] { device->upload(&byte, &byte, 1); }) == Exit::device);
    CHECK(refusal([&] { device->synchronize(); }) == Exit::device);
    CHECK(device->where().target == Target::cuda);  // some ops ask while they are planned
    const auto convolution = device->plan(kBlock, Direction::forward, {});
    CHECK(refusal([&] { convolution->run(&byte, &byte, &byte, &byte); }) == Exit::internal);
    const auto gemm = device->plan(GemmDesc{.m = 5, .n = 7, .k = 11}, {});
    CHECK(refusal([&] { gemm->run(&byte, &byte, &byte, &byte); }) == Exit::internal);
    Gpu nonsense = known_gpu("h100");
    nonsense.cudnn_json = "{}";
    CHECK(refusal([&] { described_gpu(nonsense); }) == Exit::device);
  }
}

}  // namespace rc
