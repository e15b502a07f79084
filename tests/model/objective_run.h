// The objective's graph ops, forward and backward, on embeddings that a test gives: everything that goes into
// a step and everything that comes out of it.
#pragma once

#include <memory>
#include <vector>

#include "engine/program.h"
#include "model/ops/contrastive_loss.h"

namespace rc {

struct ObjectiveSetup {
  int64_t batch = 0, dim = 0;
  KeyOptions keys = {};
  ContrastiveOptions loss = {};
  bool tuples = false;
};

struct ObjectiveStep {
  int32_t number = 0;
  std::vector<float> v = {};        // [batch, dim] raw embeddings
  std::vector<int32_t> label = {};  // [batch]
  std::vector<int32_t> tuple = {};  // [batch], for a setup with tuples
  float weight = 1;                 // kObjectiveWeight
  bool positives = true, negatives = true;
};

// What lives on from step to step.
struct ObjectiveState {
  std::vector<float> centre;     // [centres, dim]
  std::vector<int32_t> started;  // [centres]
  std::vector<float> queue;      // [queue, dim]
  int32_t queue_next = 0, queued = 0;
  bool operator==(const ObjectiveState&) const = default;
};

struct ObjectiveOutcome {
  std::vector<float> result;         // [kContrastiveResults]
  std::vector<float> dv;             // [batch, dim]
  std::vector<float> keys;           // [batch + synthetic, dim]
  std::vector<int32_t> rows, owner;  // [synthetic, 2], [negatives] or empty
  std::vector<float> weight;         // [synthetic]
  std::vector<float> distance;       // [batch]
  int64_t positives = 0;             // of the synthetic keys, the first so many
  ObjectiveState before, after;
  bool operator==(const ObjectiveOutcome&) const = default;
};

class ObjectiveRun {
 public:
  explicit ObjectiveRun(const ObjectiveSetup&, int threads = 0);  // 0: as many as the machine takes
  ObjectiveOutcome run(const ObjectiveStep&);

 private:
  ObjectiveState state() const;

  std::unique_ptr<Device> device_;
  std::unique_ptr<Variables> variables_ = std::make_unique<Variables>();
  Value label_, tuple_, scalars_, step_, result_;
  ContrastiveKeys keys_;
  std::unique_ptr<Program> program_;
};

}  // namespace rc
