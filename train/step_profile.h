// What a step's ops took, beside the least that the machine's ceilings allow them.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "train/step_plan.h"

namespace rc {

// The shortest time that a machine's ceilings allow an op.
using Limit = std::function<Roofline(const Cost&)>;

// A device's limit, and its ceilings for people.
struct Ceilings {
  Limit limit;
  std::string text;    // in a line
  double product = 0;  // FLOP/s of matrix products in the precision of a policy
};

struct ProfiledOp {
  std::string scope, name;  // "layer1.0.conv1", "conv2d.data_grad"
  std::string engine;       // the vendor's name of what it chose; empty for our own kernels
  Phase phase = Phase::forward;
  Cost cost;
  size_t alive = 0;    // bytes of the arena that are taken while it runs
  double seconds = 0;  // the median over the steps
  Roofline limit;
};

struct StepProfile {
  std::vector<ProfiledOp> ops;
  int64_t images = 0;         // of one step
  std::vector<double> steps;  // seconds of each that was measured, from its first op to its last

  double seconds() const;  // of all ops, one after the other
};

// `marks`: those of Program::run, of one step after another. On a GPU that is fed op by op the time until the
// next kernel arrives counts for that kernel's op. Constants, which a run does not compute again, are left
// out.
StepProfile profile_of(const Program&, int64_t images, std::span<const double> marks, const Limit&);

// What several ops come to.
struct ProfileGroup {
  std::string name;
  Phase phase = Phase::forward;  // of the first
  int calls = 0;
  double seconds = 0, limit = 0;  // limit: the least that the ceilings allow
  double compute_limit = 0;       // of that, where compute bounds
  double flops = 0, bytes = 0;

  void add(const ProfiledOp&);
  void add(const ProfileGroup&);
  double share_of_limit() const { return limit / seconds; }
  Bound bound() const { return 2 * compute_limit > limit ? Bound::compute : Bound::memory; }
};

enum class GroupBy : uint8_t { kind, layer, op };
// Longest first; of equal ones the earlier.
std::vector<ProfileGroup> grouped(const StepProfile&, GroupBy);
// The same by any name, in the order in which the names first appear.
std::vector<ProfileGroup> grouped(const StepProfile&, const std::function<std::string(const ProfiledOp&)>&);

}  // namespace rc
