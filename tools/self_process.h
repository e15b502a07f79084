// This program run once more as a child: another subcommand, in a process of its own, so that whatever ends
// it ends nothing else.
#pragma once

#include <string>
#include <vector>

#include "train/signals.h"

namespace rc {

struct SelfResult {
  int exit_code = 0;  // 128 + the signal where one ended it
  std::string
      error;  // its "realcentric: error: ..." without these words, with the hint; empty if there is none
};

// Runs `realcentric arguments...` and waits for it. What it says on standard error is passed on, each line
// after `prefix`; its standard output is dropped. The first stop signal of ours is sent on to it, once: it
// stands in a process group of its own. It is asked to stop as well should this process die. Throws
// Error(internal) where it cannot be started.
SelfResult run_self(const std::vector<std::string>& arguments, const std::string& prefix, const StopSignals&);

}  // namespace rc
