// Some steps of a run, timed op by op beside what the host does meanwhile: a table and a trace in the run
// folder. Outside these steps it costs a comparison.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "train/step_profile.h"

namespace rc {

// Numbered from 1, as in the log; none where `last` is 0.
struct ProfiledSteps {
  int64_t first = 0, last = 0;
  std::function<Ceilings(const Device&, const Policy&)> ceilings;  // asked once the steps are done
};

class StepRecorder {
 public:
  StepRecorder(ProfiledSteps steps, Device& device) : steps_(std::move(steps)), device_(device) {}

  // To be asked when step number `step` begins: what to run it with, nothing where it is none of those.
  Stopwatch* watch(int64_t step);
  // What the host did of one of these steps.
  using Clock = std::chrono::steady_clock;
  void host(const std::string& what, Clock::time_point begin, Clock::time_point end);

  // Writes profile.txt and trace.json of the steps that ran; nothing where none did.
  void write(const std::filesystem::path& folder, const Program&, int64_t images);

 private:
  struct HostSpan {
    std::string what;
    double begin, end;  // seconds since the stopwatch was made
  };

  ProfiledSteps steps_;
  Device& device_;
  std::unique_ptr<Stopwatch> watch_;  // from the first of the steps on
  Clock::time_point made_;
  int64_t first_ = 0;  // that was run
  std::vector<HostSpan> host_;
};

}  // namespace rc
