// Random cases of the contrastive loss, and how far its fused kernels may be from double precision.
#pragma once

#include <doctest/doctest.h>

#include "engine/rng.h"
#include "tests/kernels/contrast_case.h"

namespace rc {

inline void draw_unit_rows(Rng& rng, ContrastCase& c) {
  const int64_t keys = c.pairs().keys();
  c.key.resize(size_t(keys * c.dim));
  for (int64_t j = 0; j < keys; ++j) {
    float* row = c.key.data() + j * c.dim;
    double square = 0;
    for (int64_t d = 0; d < c.dim; ++d) row[d] = rng.uniform(-1, 1), square += double(row[d]) * row[d];
    for (int64_t d = 0; d < c.dim; ++d) row[d] = float(row[d] / std::sqrt(square));
  }
}

// Everything that Pairs can say, and sizes around the tile's.
inline ContrastCase random_contrast(uint32_t index) {
  Rng rng(41, Purpose::test, index);
  const auto pick = [&](auto... of) {
    const std::vector options{of...};
    return options[rng.below(uint32_t(options.size()))];
  };
  ContrastCase c;
  c.batch = pick(2, 3, 5, 31, 63, 64, 65, 100, 128, 200, 300);
  c.dim = pick(2, 3, 8, 13, 33, 64, 129);
  c.positives = pick(0, 0, 1, 20);
  c.negatives = pick(0, 0, 3, 30, 70);
  c.positives_anchor = rng.coin(.4f);
  c.form = pick(ContrastiveForm::joint, ContrastiveForm::separate);
  c.margin = MarginRule::of(pick(Margin::cosine, Margin::arc), pick(0.f, .1f, .5f));
  c.temperature = pick(.05f, .1f, .5f);
  c.beta = pick(.5f, 1.f);
  const float fakes = pick(.5f, .5f, .1f, 0.f);
  for (int64_t i = 0; i < c.batch; ++i) c.label.push_back(rng.coin(fakes));
  const auto row = [&] { return int32_t(rng.below(uint32_t(c.batch))); };
  for (int64_t k = 0; k < c.positives + c.negatives; ++k) {
    const bool queued = k >= c.positives && rng.coin(.1f);  // made of the queue of fakes
    c.rows.push_back(rng.coin(.1f) ? -1 : queued ? int32_t(c.batch) + 3 : row());
    c.rows.push_back(-1);
  }
  if (rng.coin(.4f))
    for (int64_t k = 0; k < c.negatives; ++k) c.owner.push_back(rng.coin(.2f) ? -1 : row());
  if (rng.coin(.4f)) {
    for (int64_t i = 0; i < c.batch; ++i) c.tuple.push_back(rng.coin(.1f) ? -1 : int32_t(i / 4));
    c.tuple_weight = 2, c.tuple_shift = std::log(3.f);
  }
  draw_unit_rows(rng, c);
  return c;
}

// How far fp32 may be from exact arithmetic: four times as far as the exact result moves when every key moves
// by dim units in the last place, up or down at random (a cosine then moves by about sqrt(dim) units, as the
// rounding of a dot product does). Rounding of a row's sums is smaller: 8 units of the largest logit for the
// loss, and for a gradient, a sum of some 2 keys terms in sequence, 8 + sqrt(2 keys) units of their sizes.
struct Allowance {
  double loss = 0;
  std::vector<double> dkey;
};
inline Allowance allowance(const ContrastCase& c, const ExactContrast& truth) {
  constexpr double unit = 0x1p-24;
  const double keys = double(c.pairs().keys());
  Allowance a{8 * unit * (1 + double(c.margin.m)) / double(c.temperature), truth.terms};
  for (double& x : a.dkey) x *= (8 + std::sqrt(2 * keys)) * unit;
  double moved_most = 0;
  for (uint32_t trial = 0; trial < 4; ++trial) {
    Rng rng(42, Purpose::test, trial);
    std::vector<double> key(c.key.begin(), c.key.end());
    for (double& x : key) x *= 1 + (rng.coin(.5f) ? 1 : -1) * double(c.dim) * unit;
    const ExactContrast moved = exact_contrast(c, key);
    for (size_t i = 0; i < truth.loss.size(); ++i)
      a.loss = std::max(a.loss, 4 * std::abs(moved.loss[i] - truth.loss[i]));
    for (size_t i = 0; i < key.size(); ++i)
      moved_most = std::max(moved_most, 4 * std::abs(moved.dkey[i] - truth.dkey[i]));
  }
  for (double& x : a.dkey) x += moved_most;
  return a;
}

// Rows in bf16 against double precision over the same rows. The gradient may be off by another 2^-8 of its
// terms' sizes, by which bf16 rounds C. A tensor core may truncate where a chain of fma rounds: per 16
// products it may lose 3 units of the largest partial sum, which is at most 1. Over the dim / 16 steps of a
// cosine that is less than the allowance of 4 sqrt(2 dim) units for up to 900 dimensions.
template <class Run>
void check_rounded(ContrastCase c, Run run) {
  for (float& x : c.key) x = float(Bf16(x));
  const ContrastOutcome fused = run_fused_rounded(c, run);
  const ExactContrast truth = exact_contrast(c, {c.key.begin(), c.key.end()});
  const Allowance allowed = allowance(c, truth);

  const double mean_allowed = allowed.loss + double(fused.loss.size()) * 0x1p-24 * truth.mean;
  CHECK(std::abs(double(fused.result[kContrastiveLoss]) - truth.mean) <= mean_allowed);
  double worst = 0, worst_loss = 0;  // in units of what is allowed
  for (size_t i = 0; i < fused.loss.size(); ++i)
    worst_loss = std::max(worst_loss, std::abs(double(fused.loss[i]) - truth.loss[i]) / allowed.loss);
  for (size_t i = 0; i < fused.dkey.size(); ++i) {
    const double allowed_here = std::max(allowed.dkey[i] + 0x1.01p-8 * truth.terms[i], 1e-30);
    const double off = std::abs(double(fused.dkey[i]) - truth.dkey[i]) / allowed_here;
    worst = off <= worst ? worst : off;  // NaN too
  }
  CHECK(worst_loss <= 1);
  CHECK(worst <= 1);
}

}  // namespace rc
