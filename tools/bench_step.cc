#include "tools/bench_step.h"

#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "engine/error.h"
#include "engine/rng.h"
#include "train/trainer.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kWarmUp = 3;

struct Step {
  std::function<void()> run;
  double flops = 0;
};

DetectorOptions network(const BenchCase& c) {
  DetectorOptions options;
  options.backbone = c.model, options.contrastive = false;
  return options;
}
Policy policy(const BenchCase& c) { return {.precision = c.precision == "bf16" ? DType::bf16 : DType::f32}; }

// Images of both classes in turn.
Batch random_batch(int count, int size) {
  Batch batch;
  batch.count = count, batch.size = size;
  batch.pixels.resize(size_t(count) * size_t(size) * size_t(size) * 3);
  Rng rng(0, Purpose::test);
  for (uint8_t& value : batch.pixels) value = uint8_t(rng.below(256));
  batch.flip.resize(size_t(count));
  for (int i = 0; i < count; ++i) batch.label.push_back(i % 2);
  return batch;
}

// Cross-entropy with the peer's settings of the optimizer.
Step training_step(Device& device, const BenchCase& c) {
  const bool sgd = c.optimizer == "sgd";
  OptimizerOptions optimizer;
  optimizer.kind = sgd ? OptimizerOptions::Kind::sgd : OptimizerOptions::Kind::adam;
  optimizer.weight_decay = 5e-4;
  StepScalars scalars;
  scalars.rate = sgd ? 1e-3 : 2e-4;

  const auto variables = std::make_shared<Variables>();
  const auto trainer =
      std::make_shared<Trainer>(device, *variables, network(c), optimizer, policy(c), c.batch, c.size);
  variables->allocate(device);
  trainer->prepare();
  return {[=, owned = variables, batch = random_batch(c.batch, c.size), n = int64_t(0)]() mutable {
            trainer->step(batch, scalars, n++);
          },
          trainer->program().flops()};
}

Step inference_step(Device& device, const BenchCase& c) {
  const auto variables = std::make_shared<Variables>();
  auto graph = std::make_unique<Graph>(device, *variables, policy(c), false);
  const Inference values = trace_inference(*graph, network(c), c.batch, c.size);
  const auto program = std::make_shared<Program>(std::move(graph));
  variables->allocate(device);
  program->prepare();
  return {[=, &device, owned = variables, batch = random_batch(c.batch, c.size),
           logits = std::vector<float>(2 * size_t(c.batch))]() mutable {
            device.upload(program->tensor(values.pixels).data, batch.pixels.data(), batch.pixels.size());
            device.upload(program->tensor(values.flip).data, batch.flip.data(), batch.flip.size());
            program->run();
            device.download(logits.data(), program->tensor(values.logits).data,
                            logits.size() * sizeof(float));
          },
          program->flops()};
}

int64_t peak_rss_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  throw Error(Exit::internal, "no VmHWM", "/proc/self/status");
}

void answer(const Json& fields) { std::cout << fields.dump() << std::endl; }

}  // namespace

void serve_bench(const BenchCase& c) {
  const std::unique_ptr<Device> device = open_device("auto", c.threads);
  const Step step = c.mode == "train" ? training_step(*device, c) : inference_step(*device, c);
  for (int i = 0; i < kWarmUp; ++i) step.run();
  answer({{"ready", true}, {"device", device->description()}, {"flops", step.flops}});

  for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    std::istringstream words(line);
    std::string word;
    int64_t count = 0;
    if (!(words >> word >> count) || word != "step" || count < 1)
      throw Error(Exit::usage, "expected \"step K\" or \"quit\", got \"" + line + "\"", "bench");
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < count; ++i) step.run();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    answer({{"seconds", time.count()}, {"peak_rss_bytes", peak_rss_bytes()}});
  }
}

}  // namespace rc
