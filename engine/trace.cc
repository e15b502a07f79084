#include "engine/trace.h"

#include <nlohmann/json.hpp>

#include "engine/file.h"

namespace rc {

double Trace::now_us() const {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - origin_).count();
}

void Trace::Range::begin(const char* name, const std::string& detail) {
  event_ = trace_->events_.size();
  trace_->events_.push_back({name, detail, trace_->now_us(), 0});
}

void Trace::Range::end() {
  Event& event = trace_->events_[event_];
  event.us = trace_->now_us() - event.begin_us;
}

void Trace::write(const std::filesystem::path& path) const {
  nlohmann::ordered_json events = nlohmann::ordered_json::array();
  events.push_back({{"name", "process_name"}, {"ph", "M"}, {"pid", 1}, {"args", {{"name", "realcentric"}}}});
  for (const Event& e : events_)
    events.push_back({{"name", e.name},
                      {"cat", "op"},
                      {"ph", "X"},
                      {"ts", e.begin_us},
                      {"dur", e.us},
                      {"pid", 1},
                      {"tid", 1},
                      {"args", {{"scope", e.detail}}}});
  write_file(path, nlohmann::ordered_json{{"displayTimeUnit", "ms"}, {"traceEvents", events}}.dump());
}

}  // namespace rc
