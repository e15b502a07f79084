#include "tools/bench_step.h"

#include "tools/bench_serve.h"
#include "tools/random_step.h"
#include "train/step_profile_json.h"

namespace rc {
namespace {

constexpr int kWarmUp = 3;

// Cross-entropy with the peer's settings of the optimizer.
Config config_of(const BenchCase& c) {
  Config config;
  config.model.name = c.model, config.loss.objective = "ce", config.precision = c.precision;
  config.optim.name = c.optimizer, config.optim.lr = c.optimizer == "sgd" ? 1e-3 : 2e-4;
  config.optim.weight_decay = 5e-4, config.optim.clip_grad = 0;
  config.sampler.batch = c.batch, config.sampler.views = 1, config.data.img_size = c.size;
  return config;
}

}  // namespace

void serve_bench(const BenchCase& c) {
  const std::unique_ptr<Device> device = open_device("auto", c.threads);
  const std::unique_ptr<RandomStep> step =
      random_step(*device, config_of(c), c.mode == "train" ? StepKind::training : StepKind::inference);
  for (int i = 0; i < kWarmUp; ++i) step->run();
  const auto profile = [&](int64_t steps) {
    const std::unique_ptr<Stopwatch> watch = device->stopwatch();
    for (int64_t i = 0; i < steps; ++i) step->run(watch.get());
    const Limit open = [](const Cost&) { return Roofline{}; };  // whoever asks knows the ceilings
    return to_json(profile_of(step->program(), step->images(), watch->read(), open));
  };
  serve_steps(
      {{"device", device->description()},
       {"flops_per_image", step->program().flops() / double(step->images())}},
      [&] { step->run(); }, {}, profile);
}

}  // namespace rc
