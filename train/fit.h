// A training run from a configuration: data, detector, steps, validation, checkpoints, run folder.
#pragma once

#include <string>
#include <vector>

#include "engine/error.h"
#include "train/config.h"
#include "train/run_folder.h"
#include "train/step_recorder.h"

namespace rc {

struct FitResult {
  Exit exit = Exit::ok;  // interrupted or terminated after a signal, whose checkpoint is written
  std::string folder;
  std::string weights_hash;  // of the last checkpoint
  int64_t step = 0;
};

// Trains, or goes on from the last checkpoint of `config.out` (`resume`); the bytes of the result do not
// depend on interruptions. `argv` is recorded. The run folder tells the exit status, whatever happens.
// `profiled`: these steps are timed by op, into profile.txt and trace.json of the run folder.
FitResult fit(const Config&, Existing, const std::vector<std::string>& argv,
              const ProfiledSteps& profiled = {});

}  // namespace rc
