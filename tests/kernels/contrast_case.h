// The contrastive loss and its gradient over given keys, in three ways: through the matrix of similarities,
// without it, and in double precision from the formulas of kernels/contrastive.h.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/dtype.h"
#include "kernels/contrastive_fused.h"
#include "kernels/scalars.h"

namespace rc {

struct ContrastCase {
  int64_t batch = 0, positives = 0, negatives = 0, dim = 0;
  bool positives_anchor = false;
  std::vector<float> key;  // [keys, dim]
  std::vector<int32_t> label, rows;
  std::vector<int32_t> owner = {}, tuple = {};  // empty: not in use
  float tuple_weight = 1, tuple_shift = 0;
  ContrastiveForm form = ContrastiveForm::joint;
  MarginRule margin = MarginRule::of(Margin::cosine, 0.2f);
  float temperature = 0.1f, beta = 1;

  Pairs pairs() const {
    return {.label = label.data(),
            .rows = rows.data(),
            .batch = batch,
            .positives = positives,
            .negatives = negatives,
            .positives_anchor = positives_anchor,
            .owner = owner.empty() ? nullptr : owner.data(),
            .tuple = tuple.empty() ? nullptr : tuple.data(),
            .tuple_weight = tuple_weight,
            .tuple_shift = tuple_shift};
  }
};

struct ContrastOutcome {
  std::vector<float> dkey;                      // [keys, dim]
  std::vector<float> loss, positive, negative;  // [anchors]
  std::vector<float> result;                    // [kContrastiveResults]

  explicit ContrastOutcome(const ContrastCase& c)
      : dkey(c.key.size()),
        loss(size_t(c.pairs().anchors()), -9),
        positive(loss),
        negative(loss),
        result(kContrastiveResults, -9) {}
};

template <class Run>
ContrastOutcome run_materialised(const ContrastCase& c, Run run) {
  ContrastOutcome out(c);
  const Pairs pairs = c.pairs();
  const int64_t anchors = pairs.anchors(), keys = pairs.keys(), dim = c.dim;
  std::vector<float> g(size_t(anchors * keys)), scalars(kScalars, -9);
  scalars[kObjectiveWeight] = c.beta;
  for (int64_t i = 0; i < anchors; ++i)
    for (int64_t j = 0; j < keys; ++j)
      for (int64_t d = 0; d < dim; ++d)
        g[size_t(i * keys + j)] += c.key[size_t(i * dim + d)] * c.key[size_t(j * dim + d)];
  run(ContrastiveRows{pairs, scalars.data(), g.data(), out.loss.data(), out.positive.data(),
                      out.negative.data(), c.form, c.margin, c.temperature});
  run(ContrastiveSummary{pairs, out.loss.data(), out.positive.data(), out.negative.data(),
                         out.result.data()});
  for (int64_t i = 0; i < anchors; ++i)
    for (int64_t j = 0; j < keys; ++j)
      for (int64_t d = 0; d < dim; ++d) {
        out.dkey[size_t(j * dim + d)] += g[size_t(i * keys + j)] * c.key[size_t(i * dim + d)];
        out.dkey[size_t(i * dim + d)] += g[size_t(i * keys + j)] * c.key[size_t(j * dim + d)];
      }
  return out;
}

// Both passes over rows that were packed: `pack(bundle)` gives them, bundles as well if asked to.
template <class Rows, class Pack, class Run>
ContrastOutcome run_fused_on(const ContrastCase& c, Pack pack, Run run) {
  ContrastOutcome out(c);
  const FusedContrast contrast{c.pairs(), c.dim, c.form, c.margin, c.temperature};
  const auto all = size_t(contrast.rows() * contrast.dims()), padded = size_t(contrast.rows());
  std::vector<float> gradient(all, NAN), scalars(kScalars, -9);
  std::vector<float> sums(kRowSums * padded, NAN), saved(kSavedRows * padded, NAN);
  scalars[kObjectiveWeight] = c.beta;
  Rows rows = pack(contrast, false);
  const auto sweep = [&](PairSweep which) {
    each_round(SumPairs<Rows>{contrast, {contrast.tiles()}, rows, saved.data(), sums.data(), which}, run);
    run(FinishRows{contrast, scalars.data(), sums.data(), saved.data(), out.loss.data(), out.positive.data(),
                   out.negative.data(), which});
  };
  if (c.form == ContrastiveForm::joint) {
    sweep(PairSweep::joint);
  } else {
    sweep(PairSweep::first);
    sweep(PairSweep::second);
  }
  run(ContrastiveSummary{contrast.pairs, out.loss.data(), out.positive.data(), out.negative.data(),
                         out.result.data()});
  rows = pack(contrast, true);
  each_round(PairGradient<Rows>{contrast, {contrast.tiles()}, rows, saved.data(), gradient.data()}, run);
  run(UnpackRows{contrast, gradient.data(), out.dkey.data()});
  return out;
}
template <class T, class Run>
ContrastOutcome run_fused_as(const ContrastCase& c, Run run) {
  const std::vector<T> key(c.key.begin(), c.key.end());
  std::vector<float> panel, bundle;
  return run_fused_on<FloatRows>(
      c,
      [&](const FusedContrast& contrast, bool bundled) {
        panel.assign(size_t(contrast.rows() * contrast.dims()), NAN);
        bundle.assign(panel.size(), NAN);
        run(PackRows<T>{contrast, key.data(), panel.data(), bundled ? bundle.data() : nullptr});
        return FloatRows{panel.data(), bundle.data()};
      },
      run);
}
template <class Run>
ContrastOutcome run_fused(const ContrastCase& c, Run run) {
  return run_fused_as<float>(c, run);
}
// From rows in bf16: on tensor cores where the target has them.
template <class Run>
ContrastOutcome run_fused_rounded(const ContrastCase& c, Run run) {
  std::vector<Bf16> row;
  return run_fused_on<Bf16Rows>(
      c,
      [&](const FusedContrast& contrast, bool) {
        row.assign(size_t(contrast.rows() * contrast.square_dims()), Bf16(NAN));
        run(RoundRows{contrast, c.key.data(), row.data()});
        return Bf16Rows{row.data()};
      },
      run);
}

// Each anchor's loss and their mean, its gradient, and what the gradient's terms come to when all are taken
// as positive.
struct ExactContrast {
  double mean = 0;
  std::vector<double> loss, dkey, terms;
};

inline ExactContrast exact_contrast(const ContrastCase& c, const std::vector<double>& key) {
  const Pairs pairs = c.pairs();
  const int64_t anchors = pairs.anchors(), keys = pairs.keys(), dim = c.dim;
  const double tau = double(c.temperature), m = double(c.margin.m);
  const double end = double(1 - 1e-7f);  // as floats have it: the slope there is another for 1 - 1e-7
  struct Key {
    int64_t j;
    bool positive;
    double u, slope, weight;
  };
  ExactContrast out{0, std::vector<double>(size_t(anchors)), std::vector<double>(key.size()),
                    std::vector<double>(key.size())};
  int counted = 0;
  for (int64_t i = 0; i < anchors; ++i) {
    std::vector<Key> row;
    double top = -1e300, total = 0;
    for (int64_t j = 0; j < keys; ++j) {
      const Pairs::Kind kind = pairs.kind(pairs.source(i), j);
      if (kind == Pairs::Kind::none) continue;
      double s = 0;
      for (int64_t d = 0; d < dim; ++d) s += key[size_t(i * dim + d)] * key[size_t(j * dim + d)];
      const bool positive = kind == Pairs::Kind::positive, kin = pairs.same_tuple(i, j);
      Key one{j, positive, s / tau + (kin ? double(c.tuple_shift) : 0), 1 / tau, 0};
      if (positive) {
        one.weight = kin ? double(c.tuple_weight) : 1;
        one.u = (s - m) / tau;
        if (c.margin.kind == Margin::arc) {
          const double kept = std::clamp(s, -end, end), angle = std::acos(kept), pi = std::acos(-1.);
          one.u = (angle > pi - m ? kept - m * std::sin(m) : std::cos(angle + m)) / tau;
          if (angle <= pi - m) one.slope = std::sin(angle + m) / std::sin(angle) / tau;
        }
      }
      total += one.weight;
      top = std::max(top, one.u);
      row.push_back(one);
    }
    if (total == 0) continue;
    ++counted;
    double all = 0, repelled = 0, push = 0, loss = 0;
    for (const Key& k : row) {
      all += std::exp(k.u - top);
      if (!k.positive) repelled += std::exp(k.u - top);
    }
    const bool joint = c.form == ContrastiveForm::joint;
    for (const Key& k : row) {
      const double denominator = joint ? all : std::exp(k.u - top) + repelled;
      loss += k.weight / total * (top + std::log(denominator) - k.u);
      push += k.weight / total / denominator;
    }
    out.loss[size_t(i)] = loss;
    out.mean += loss;
    for (const Key& k : row) {
      const double e = std::exp(k.u - top), share = k.weight / total;
      double g = e * push, size = g;
      if (joint) g = e / all - share, size = e / all + share;
      if (!joint && k.positive) g = -share * repelled / (e + repelled), size = -g;
      for (int64_t d = 0; d < dim; ++d) {
        const double anchor = key[size_t(i * dim + d)], other = key[size_t(k.j * dim + d)];
        out.dkey[size_t(i * dim + d)] += k.slope * g * other;
        out.dkey[size_t(k.j * dim + d)] += k.slope * g * anchor;
        out.terms[size_t(i * dim + d)] += k.slope * size * std::abs(other);
        out.terms[size_t(k.j * dim + d)] += k.slope * size * std::abs(anchor);
      }
    }
  }
  const double share = counted ? 1. / counted : 0;
  out.mean *= share;
  for (double& x : out.dkey) x *= share * double(c.beta);
  for (double& x : out.terms) x *= share * double(c.beta);
  return out;
}

}  // namespace rc
