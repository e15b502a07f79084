#include "train/traced_step.h"

#include "train/detector_config.h"

namespace rc {

TracedStep trace_step(Device& device, const Config& config, StepKind kind) {
  const bool training = kind == StepKind::training;
  TracedStep step;
  step.images = training ? int64_t(config.sampler.batch) * config.sampler.views
                         : device.inference_batch(config.sampler.batch);
  step.variables = std::make_unique<Variables>();
  auto graph = std::make_unique<Graph>(device, *step.variables, policy_of(config), training);
  if (training)
    trace_training(*graph, detector_options(config), optimizer_options(config), step.images,
                   config.data.img_size);
  else
    trace_inference(*graph, detector_options(config), step.images, config.data.img_size);
  step.program = std::make_unique<Program>(std::move(graph));
  return step;
}

}  // namespace rc
