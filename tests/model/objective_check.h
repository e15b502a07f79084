// What a step of the objective's graph ops did, held against the double-precision reference.
#pragma once

#include <string>
#include <vector>

#include "tests/model/objective_run.h"
#include "tests/reference/mining.h"
#include "tests/reference/objective.h"

namespace rc {

// The step as the reference sees it: the synthetic keys that the ops drew, the centres and the queue that
// they saw.
struct ReferenceStep {
  reference::Objective objective;
  reference::Vector v, z;  // raw and unit rows
  std::vector<int> labels;
  reference::Constants constants{reference::Vector()};
  double margin = 1;  // the least difference of cosines that a row's centre hung on

  // Whether rounding can have given a row another centre.
  bool tie() const;
};
ReferenceStep reference_step(const ObjectiveSetup&, const ObjectiveStep&, const ObjectiveOutcome&);
reference::Centres reference_centres(const ObjectiveSetup&, const ObjectiveState&);

// How far off a cosine of unit rows may be: two normalisations, each a sum of dim squares under a root, and a
// sum of dim products.
double cosine_error(int64_t dim);

// x with every number moved by dim units in the last place, up or down at random.
reference::Vector rounded(reference::Vector x, int64_t dim, uint32_t trial);

// How far fp32 may be from exact arithmetic: four times as far as the exact objective moves when every number
// that goes in moves by dim units in the last place, and every cosine by 1 + sqrt(dim) units, up or down at
// random: the rounding of a sum of dim products. From there the error takes the way of the true one, through
// margin, temperature, exponent and normalisation. On top, roundings that do not start at a cosine. For the
// loss: eight units of the largest logit, (1 + m) / tau, and four sqrt(terms) of the sums over keys and
// anchors. For the gradient: eight units of its largest entry, and of the parts q / tau and 1 / tau of dL/ds
// that cancel where an anchor is content, on their way through the mean over `counted` anchors and 1 / |v|.
struct ObjectiveTolerance {
  double loss, gradient;
};
ObjectiveTolerance tolerance_of(const ReferenceStep&, const reference::LossGradient& truth, int counted);

// What is wrong, each in words.
struct Problems {
  std::vector<std::string> list;
  void expect(bool right, const std::string& what);
  void expect_near(const std::string& what, double got, double want, double tolerance);
};

// What the ops decided otherwise than the reference, which moves the centres, mines, guards and keeps the
// queue for itself. Where a choice hangs on less than rounding, either is right.
void check_decisions(const ReferenceStep&, const ObjectiveSetup&, const ObjectiveStep&,
                     const ObjectiveOutcome&, Problems&);

// Loss, gradient and number of anchors beside the reference's. False if they cannot be compared: the centre
// of a row hangs on rounding, or the slope of the arc margin does.
bool check_numbers(const ReferenceStep&, const ObjectiveStep&, const ObjectiveOutcome&, Problems&);

}  // namespace rc
