#include "train/step_profile_text.h"

#include <algorithm>

#include "train/table.h"

namespace rc {
namespace {

constexpr size_t kWidth = 110;  // characters of a line

std::string percent(double share) { return fixed(100 * share, 0) + " %"; }
std::string or_nothing(double value, const std::string& text) { return value > 0 ? text : ""; }

// Names are ASCII. Of a long one the middle goes: its ends tell most.
std::string shortened(const std::string& name, size_t width) {
  if (name.size() <= width) return name;
  const size_t tail = 2 * width / 3;
  return name.substr(0, width - tail - 1) + "…" + name.substr(name.size() - tail);
}

// The cells after the name, the phase and the calls.
std::vector<std::string> numbers(const ProfileGroup& g, double all) {
  return {fixed(g.seconds * 1e3, 2),
          fixed(100 * g.seconds / all, 1) + " %",
          or_nothing(g.flops, fixed(g.flops * 1e-9, 2)),
          fixed(g.bytes / double(1 << 20), 1),
          or_nothing(g.flops, fixed(g.flops / g.seconds * 1e-9, 1)),
          fixed(g.bytes / g.seconds * 1e-9, 1),
          name_of(g.bound()),
          percent(g.share_of_limit())};
}

}  // namespace

std::string phase_bars(const StepProfile& profile) {
  constexpr int kBar = 60;
  Table table({"phase", "ms", "", std::string(kBar, ' '), "calls", "of limit"});
  const double all = profile.seconds();
  for (const ProfileGroup& phase : grouped(profile, [](const ProfiledOp& op) { return name_of(op.phase); }))
    table.add({phase.name, fixed(phase.seconds * 1e3, 2), fixed(100 * phase.seconds / all, 1) + " %",
               bar(phase.seconds / all, kBar), std::to_string(phase.calls), percent(phase.share_of_limit())});
  return table.text();
}

std::string profile_table(const StepProfile& profile, GroupBy by, int most) {
  std::vector<ProfileGroup> groups = grouped(profile, by);
  const double all = profile.seconds();
  ProfileGroup total{.name = "all"}, others;
  for (const ProfileGroup& g : groups) total.add(g);
  const size_t shown = std::min(groups.size(), size_t(most));
  for (size_t i = shown; i < groups.size(); ++i) others.add(groups[i]);
  others.name = std::to_string(groups.size() - shown) + " others";
  groups.resize(shown);

  const bool with_phase = by != GroupBy::layer, with_calls = by != GroupBy::op;
  const auto text = [&](size_t name_width) {
    std::vector<std::string> header = {name_width == 0 ? "" : with_phase ? "op" : "layer"};
    if (with_phase) header.push_back("phase");
    if (with_calls) header.push_back("calls");
    for (const char* name : {"ms", "time", "GFLOP", "MiB", "GFLOP/s", "GB/s", "bound", "of limit"})
      header.push_back(name);
    Table table(header);
    const auto add = [&](const ProfileGroup& g, const std::string& phase) {
      std::vector<std::string> cells = {name_width == 0 ? "" : shortened(g.name, name_width)};
      if (with_phase) cells.push_back(phase);
      if (with_calls) cells.push_back(std::to_string(g.calls));
      for (std::string& cell : numbers(g, all)) cells.push_back(std::move(cell));
      table.add(std::move(cells));
    };
    for (const ProfileGroup& g : groups) add(g, name_of(g.phase));
    if (others.calls > 0) add(others, "");
    table.rule();
    add(total, "");
    return table.text();
  };
  // Names get what the numbers leave them.
  const std::string numbers_alone = text(0);
  return text(kWidth - width_of(numbers_alone.substr(0, numbers_alone.find('\n'))));
}

const char* const kWhatTheColumnsAre =
    "of limit: the least time that the ceilings allow, its FLOPs at the compute's or its bytes at the "
    "memory's, whichever is longer\n(bound says which), as a share of the time. FLOPs are those of direct "
    "convolution, so Winograd can pass 100 %; bytes are each\noperand once, so what a cache still holds can "
    "too.\n";

}  // namespace rc
