#include "train/step_profile.h"

#include <algorithm>

#include "engine/error.h"
#include "train/median.h"

namespace rc {

double StepProfile::seconds() const {
  double total = 0;
  for (const ProfiledOp& op : ops) total += op.seconds;
  return total;
}

StepProfile profile_of(const Program& program, int64_t images, std::span<const double> marks,
                       const Limit& limit) {
  const std::deque<Node>& nodes = program.graph().nodes();
  const size_t per_step = nodes.size() + 1;
  check(!marks.empty() && marks.size() % per_step == 0, "a profile is made of whole steps");
  StepProfile profile;
  profile.images = images;
  for (size_t first = 0; first < marks.size(); first += per_step)
    profile.steps.push_back(marks[first + nodes.size()] - marks[first]);
  for (size_t n = 0; n < nodes.size(); ++n) {
    if (nodes[n].constant) continue;  // no part of a step
    std::vector<double> seconds;
    for (size_t i = n; i < marks.size(); i += per_step) seconds.push_back(marks[i + 1] - marks[i]);
    const Op& op = *nodes[n].op;
    const Cost cost = op.cost(nodes[n]);
    profile.ops.push_back({.scope = nodes[n].scope,
                           .name = op.name(),
                           .engine = op.detail(),
                           .phase = nodes[n].phase,
                           .cost = cost,
                           .alive = program.alive()[n],
                           .seconds = median(std::move(seconds)),
                           .limit = limit(cost)});
  }
  return profile;
}

void ProfileGroup::add(const ProfiledOp& op) {
  calls += 1, seconds += op.seconds, limit += op.limit.seconds;
  if (op.limit.bound == Bound::compute) compute_limit += op.limit.seconds;
  flops += op.cost.flops, bytes += op.cost.bytes;
}

void ProfileGroup::add(const ProfileGroup& other) {
  calls += other.calls, seconds += other.seconds, limit += other.limit;
  compute_limit += other.compute_limit, flops += other.flops, bytes += other.bytes;
}

std::vector<ProfileGroup> grouped(const StepProfile& profile,
                                  const std::function<std::string(const ProfiledOp&)>& name) {
  std::vector<ProfileGroup> groups;
  for (const ProfiledOp& op : profile.ops) {
    const std::string key = name(op);
    auto group = std::ranges::find(groups, key, &ProfileGroup::name);
    if (group == groups.end()) group = groups.insert(group, {.name = key, .phase = op.phase});
    group->add(op);
  }
  return groups;
}

std::vector<ProfileGroup> grouped(const StepProfile& profile, GroupBy by) {
  std::vector<ProfileGroup> groups;
  if (by == GroupBy::layer) {
    groups = grouped(profile, [](const ProfiledOp& op) { return op.scope.empty() ? op.name : op.scope; });
  } else if (by == GroupBy::op) {
    for (const ProfiledOp& op : profile.ops) {
      groups.push_back({.name = op.scope.empty() ? op.name : op.scope + " " + op.name, .phase = op.phase});
      groups.back().add(op);
    }
  } else {
    for (const Phase phase : {Phase::forward, Phase::recomputed, Phase::backward, Phase::update}) {
      StepProfile part;
      std::ranges::copy_if(profile.ops, std::back_inserter(part.ops),
                           [&](const ProfiledOp& op) { return op.phase == phase; });
      std::ranges::move(grouped(part, [](const ProfiledOp& op) { return op.name; }),
                        std::back_inserter(groups));
    }
  }
  std::ranges::stable_sort(groups, std::greater(), &ProfileGroup::seconds);
  return groups;
}

}  // namespace rc
