#include "train/step_recorder.h"

#include "engine/file.h"
#include "train/step_profile_text.h"
#include "train/step_trace.h"

namespace rc {

Stopwatch* StepRecorder::watch(int64_t step) {
  if (step < steps_.first || step > steps_.last) return nullptr;
  if (!watch_) watch_ = device_.stopwatch(), made_ = Clock::now(), first_ = step;
  return watch_.get();
}

void StepRecorder::host(const std::string& what, Clock::time_point begin, Clock::time_point end) {
  const auto seconds = [&](Clock::time_point t) { return std::chrono::duration<double>(t - made_).count(); };
  host_.push_back({what, seconds(begin), seconds(end)});
}

void StepRecorder::write(const std::filesystem::path& folder, const Program& program, int64_t images) {
  if (!watch_) return;
  const std::vector<double> marks = watch_->read();
  if (marks.empty()) return;
  const Ceilings ceilings = steps_.ceilings(device_, program.graph().policy());
  const StepProfile profile = profile_of(program, images, marks, ceilings.limit);
  const auto last = first_ + int64_t(profile.steps.size()) - 1;
  write_file(folder / "profile.txt",
             "steps " + std::to_string(first_) + " to " + std::to_string(last) + ", " +
                 device_.description() + "\nceilings " + ceilings.text + "\n\n" + phase_bars(profile) + "\n" +
                 profile_table(profile, GroupBy::kind, 20) + "\n" +
                 profile_table(profile, GroupBy::layer, 20) + "\n" + kWhatTheColumnsAre);

  Trace trace;
  const int track = trace.track("host");
  for (const HostSpan& s : host_) trace.span(track, s.what, "host", s.begin, s.end);
  add_steps(trace, device_.name(), profile, marks, first_);
  trace.write(folder / "trace.json");
}

}  // namespace rc
