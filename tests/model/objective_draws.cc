#include "tests/model/objective_draws.h"

#include <algorithm>

namespace rc {

ObjectiveSetup ObjectiveDraws::setup() {
  ObjectiveSetup s;
  const int64_t views = of(1, 1, 2);
  s.batch = views * between(int(3 - views), int(40 / views));
  s.dim = of(3, 5, 8, 13, 24, 33, 64);
  KeyOptions& k = s.keys;
  k.centre_per_view = views > 1 && coin();
  k.centres = k.centre_per_view ? views : of(1, 1, 2, 3, 4);
  k.centre_keep = of(.9f, .5f, 0.f, .99f);
  k.share = of(0.f, .125f, .25f, .5f, 1.f);
  k.extrapolation = of(Extrapolation::linear, Extrapolation::geodesic);
  k.positive_classes = of(Classes::real, Classes::both);
  k.detach_positives = coin(.3f), k.positives_anchor = coin(.3f);
  k.hard_set = of(HardSet::global, HardSet::anchor);
  k.hard_fakes = of(1, 2, 3, 8);
  const bool owned = k.hard_set == HardSet::anchor;
  k.pairs = owned ? of(0, 1, 3) : of(0, 1, 4, 16), k.with_centre = of(0, 1, owned ? 2 : 8);
  k.negative_classes = of(Classes::real, Classes::both);
  k.detach_negatives = coin(.3f);
  k.queue = of(0, 0, 3, 16);
  k.seed = rng_.next();
  s.loss.form = of(ContrastiveForm::joint, ContrastiveForm::separate);
  s.loss.margin = of(Margin::cosine, Margin::arc);
  s.loss.m = of(0.f, .1f, .2f, .35f, .5f);
  s.loss.temperature = of(.05f, .07f, .1f, .2f, .5f);
  s.tuples = coin();
  s.loss.tuple_weight = of(1.f, .5f, 2.f), s.loss.tuple_factor = of(1.f, .5f, 2.f, 3.f);
  return s;
}

ObjectiveStep ObjectiveDraws::step(const ObjectiveSetup& s, int number) {
  ObjectiveStep step;
  step.number = number;
  const int n = int(s.batch);
  const int reals = std::min(n, of(0, 1, 2, n / 2, n / 2, n - 1, n, between(0, n)));
  for (int i = 0; i < n; ++i) step.label.push_back(i >= reals);
  for (int i = n; i > 1; --i) std::swap(step.label[size_t(i - 1)], step.label[rng_.below(uint32_t(i))]);
  for (int i = 0; i < n; ++i) step.tuple.push_back(between(-1, n / 4));
  const float apart = rng_.uniform(0, 1.5f), size = of(.01f, 1.f, 30.f);
  for (int i = 0; i < n; ++i)
    for (int d = 0; d < int(s.dim); ++d) {
      const float shift = d == 0 ? apart * (step.label[size_t(i)] ? -1.f : 1.f) : 0;
      step.v.push_back(size * (rng_.uniform(-1, 1) + shift));
    }
  step.weight = of(1.f, .5f);
  step.positives = coin(.85f), step.negatives = coin(.85f);
  return step;
}

}  // namespace rc
