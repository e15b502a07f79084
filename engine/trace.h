// What ran when, as a Perfetto / Chrome trace: spans on tracks, and values that change in time. Opens in
// ui.perfetto.dev.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rc {

class Trace {
 public:
  // Facts of a span, which the viewer shows when it is chosen.
  using Facts = std::vector<std::pair<std::string, std::variant<double, std::string>>>;

  // A line of the viewer for spans, below those before it. Its number.
  int track(const std::string& name);
  // Times are seconds from any origin. Two spans of a track are apart, or one holds the other.
  void span(int track, const std::string& name, const std::string& category, double begin, double end,
            Facts = {});
  void value(const std::string& name, double time, double value);  // from that time on

  std::string json() const;
  void write(const std::filesystem::path&) const;

 private:
  // In whole nanoseconds, so that spans that share an end still do when they are written.
  struct Span {
    int track;
    std::string name, category;
    int64_t begin, end;
    Facts facts;
  };
  struct Change {
    std::string name;
    int64_t time;
    double value;
  };

  std::vector<std::string> tracks_;
  std::vector<Span> spans_;
  std::vector<Change> changes_;
};

}  // namespace rc
