// Which batch fits into a device's memory. A vendor's plans take seconds for each batch size; so a search
// goes over outlines of the step, traced without them, and a real plan has the last word where there is time
// for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "train/traced_step.h"

namespace rc {

// The largest multiple of `step`, up to `most`, whose need is at most `available`; 0 where there is none.
// `need` must not fall as the batch grows.
int64_t largest_batch(const std::function<size_t(int64_t batch)>& need, size_t available, int64_t step,
                      int64_t most);

// What the step of a configuration takes at other batch sizes, in bytes. The outline
// is exact but for the vendor's workspaces. What those add is learnt from a step that was really planned:
// for fewer images as much, for more in proportion.
class MemoryOutline {
 public:
  // `planned_bytes`: of the step at the configuration's own batch size. `like` decides the storage.
  MemoryOutline(const Device& like, const Config&, StepKind, size_t planned_bytes);

  void learn(int64_t batch, size_t planned_bytes);
  size_t bytes(int64_t batch) const;

  // The largest that fits: an estimate, milliseconds for each size that is tried. Of training in steps of 4,
  // the images of a forgery tuple.
  int64_t largest(size_t available) const;
  int64_t step() const { return kind_ == StepKind::training ? 4 : 1; }

 private:
  size_t traced_bytes(int64_t batch) const;

  const Device& like_;
  Config config_;
  StepKind kind_;
  int64_t learnt_batch_ = 0;
  size_t learnt_extra_ = 0;
};

// The largest batch whose step was planned by the device itself and takes at most `available`.
// `planned_bytes` as for an outline: that proposes, the device plans, and what was learnt makes the next
// proposal, until it is a batch already known to fit. A size that the device has no plan for does not fit. 0
// where none does.
int64_t largest_planned_batch(Device&, const Config&, StepKind, size_t planned_bytes, size_t available);

}  // namespace rc
