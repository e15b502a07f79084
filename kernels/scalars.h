// The numbers that change from step to step: an array of floats in device memory, so that a recorded step can
// be replayed without being built again.
#pragma once

namespace rc {

enum Scalar : int {
  kLearningRate,
  kStep,             // counted from 1, for Adam's bias correction
  kObjectiveStep,    // the same from the step on in which the objective beside cross-entropy begins, 0 before
  kObjectiveWeight,  // of that objective in the total loss: beta of the real-centric one
  kCrossEntropyWeight,  // 1 - beta
  kHardPositives,       // 1 once hard positives are synthesised, else 0
  kHardNegatives,       // 1 once hard negatives are fused, else 0
  kScalars
};

}  // namespace rc
