// What a planned step would cost on a GPU: each op at its roofline, and who lies where in the arena. An
// estimate from descriptions: nothing is run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/gpu.h"
#include "train/traced_step.h"

namespace rc {

enum class Bound : uint8_t { compute, memory };
const char* name_of(Bound);

// The shortest time that the GPU's peaks allow an op: the longer of its FLOPs at the peak of the units that
// do them and of its bytes at the memory's peak. Tensor cores do products in bf16, and in TF32 where the
// policy lets them, unless the engine is known to leave them alone; CUDA cores do all else in fp32.
struct Roofline {
  double seconds = 0;
  Bound bound = Bound::memory;
  bool tensor_cores = false;
};
Roofline roofline(const Cost&, const Policy&, const Gpu&);

struct PlannedOp {
  std::string scope, name;  // "layer1.0.conv1", "conv2d.data_grad"
  std::string engine;       // the vendor's name of what it chose; empty for our own kernels
  Phase phase = Phase::forward;
  double flops = 0, bytes = 0;
  size_t workspace = 0, alive = 0;  // bytes; alive: of the arena, while it runs
  Roofline time;
};

enum class BufferKind : uint8_t { activation, gradient, workspace, input };
inline constexpr int kBufferKinds = 4;
const char* name_of(BufferKind);

// A stretch of the arena over a range of ops, both ends included.
struct PlannedBuffer {
  std::string name;
  BufferKind kind = BufferKind::activation;
  size_t offset = 0, bytes = 0;
  int first = 0, last = 0;
};

struct StepPlan {
  Gpu gpu;
  Policy policy;
  int64_t images = 0;  // of one step
  std::vector<PlannedOp> ops;
  std::vector<PlannedBuffer> buffers;
  StepMemory memory;

  // Where the way back begins and where the update does; the number of ops where there is none.
  struct Turns {
    int backward, update;
  };
  Turns turns() const;
  double flops() const;
  // All ops one after the other, each at its roofline. Launches are left out, and so is what the next op
  // finds in the cache.
  double seconds() const;
  double images_per_second() const { return double(images) / seconds(); }
  size_t peak_op() const;                              // the first with the most bytes alive
  std::vector<size_t> alive_by_kind(size_t op) const;  // kBufferKinds sums
};

StepPlan plan_step(const TracedStep&, const Gpu&);

// What ops with the same name of some sort come to.
struct PlanShare {
  std::string name;
  int ops = 0;
  double seconds = 0, compute_seconds = 0;  // compute_seconds: of those that compute bounds
  double flops = 0, bytes = 0;
  size_t workspace = 0;  // the largest
  Bound bound() const { return 2 * compute_seconds > seconds ? Bound::compute : Bound::memory; }
};

// In the order in which the names first appear.
std::vector<PlanShare> shares(const StepPlan&, const std::function<std::string(const PlannedOp&)>& name);
std::string kind_of(const PlannedOp&);  // "conv2d" of "conv2d.data_grad"

}  // namespace rc
