// A wish to stop, from the keyboard or from a scheduler: the run finishes its step, writes a checkpoint and
// ends.
#pragma once

#include <csignal>

namespace rc {

// While it lives, the first SIGINT or SIGTERM only sets requested(); a second one of either ends the program
// at once. One at a time; the former handlers come back with its end.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int requested() const;  // 0, SIGINT or SIGTERM

 private:
  struct sigaction old_interrupt_ = {}, old_terminate_ = {};
};

}  // namespace rc
