// From a configuration to what the engine is built with.
#pragma once

#include <cstdint>

#include "data/network_input.h"
#include "engine/device.h"
#include "model/detector.h"
#include "train/config.h"
#include "train/schedule.h"

namespace rc {

DetectorOptions detector_options(const Config&);
NetworkInput network_input(const Config&);
OptimizerOptions optimizer_options(const Config&);
Policy policy_of(const Config&);
// A line for people where the device lacks instructions for the precision and fp32 takes its place (Graph);
// else empty.
std::string precision_note(const Config&, const Device&);
// `steps`: of the whole run, which the sampler's epoch decides.
ScheduleOptions schedule_options(const Config&, int64_t steps, int64_t steps_per_epoch);

}  // namespace rc
