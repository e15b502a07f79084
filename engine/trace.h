// Time ranges of a run, written as a Perfetto / Chrome trace. Where there is no Trace, a range costs one test
// of a pointer.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace rc {

class Trace {
 public:
  // Measures from its making to its end. Nested ranges nest in the trace.
  class Range {
   public:
    Range(Trace* trace, const char* name, const std::string& detail) : trace_(trace) {
      if (trace_) begin(name, detail);
    }
    ~Range() {
      if (trace_) end();
    }
    Range(const Range&) = delete;
    Range& operator=(const Range&) = delete;

   private:
    void begin(const char* name, const std::string& detail);
    void end();
    Trace* trace_;
    size_t event_ = 0;
  };

  struct Event {
    std::string name, detail;
    double begin_us = 0, us = 0;  // microseconds since the trace was made
  };
  const std::vector<Event>& events() const { return events_; }
  void write(const std::filesystem::path&) const;  // JSON, opens in ui.perfetto.dev

 private:
  double now_us() const;

  std::chrono::steady_clock::time_point origin_ = std::chrono::steady_clock::now();
  std::vector<Event> events_;
};

}  // namespace rc
