#include "engine/trace.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/file.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

int64_t nanoseconds(double seconds) { return std::llround(seconds * 1e9); }
double microseconds(int64_t nanoseconds) { return double(nanoseconds) / 1e3; }

Json object(const Trace::Facts& facts) {
  Json out = Json::object();
  for (const auto& [name, value] : facts) std::visit([&fact = out[name]](const auto& v) { fact = v; }, value);
  return out;
}

// What names a process or a track, or puts it in its place.
Json about(const char* what, int track, const char* key, const Json& value) {
  return {{"name", what}, {"ph", "M"}, {"pid", 1}, {"tid", track}, {"args", {{key, value}}}};
}

}  // namespace

int Trace::track(const std::string& name) {
  tracks_.push_back(name);
  return int(tracks_.size());
}

void Trace::span(int track, const std::string& name, const std::string& category, double begin, double end,
                 Facts facts) {
  spans_.push_back({track, name, category, nanoseconds(begin), nanoseconds(end), std::move(facts)});
}

void Trace::value(const std::string& name, double time, double value) {
  changes_.push_back({name, nanoseconds(time), value});
}

// Trace Event Format (Google): "X" is a span with its length, "C" a counter, "M" a name.
std::string Trace::json() const {
  Json events = Json::array({about("process_name", 0, "name", "realcentric")});
  for (size_t i = 0; i < tracks_.size(); ++i) {
    const int track = int(i) + 1;
    events.push_back(about("thread_name", track, "name", tracks_[i]));
    events.push_back(about("thread_sort_index", track, "sort_index", track));
  }
  for (const Span& s : spans_)
    events.push_back({{"name", s.name},
                      {"cat", s.category},
                      {"ph", "X"},
                      {"ts", microseconds(s.begin)},
                      {"dur", microseconds(s.end - s.begin)},
                      {"pid", 1},
                      {"tid", s.track},
                      {"args", object(s.facts)}});
  for (const Change& c : changes_)
    events.push_back({{"name", c.name},
                      {"ph", "C"},
                      {"ts", microseconds(c.time)},
                      {"pid", 1},
                      {"args", {{c.name, c.value}}}});
  return Json{{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events)}}.dump();
}

void Trace::write(const std::filesystem::path& path) const { write_file(path, json()); }

}  // namespace rc
