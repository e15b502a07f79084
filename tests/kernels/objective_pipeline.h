// The real-centric objective assembled from its kernels as a training step does it, with plain loops for the
// GEMMs: raw rows in, loss and gradient out.
#pragma once

#include <vector>

#include "kernels/contrastive.h"
#include "kernels/normalise.h"
#include "kernels/scalars.h"
#include "kernels/synthesis.h"

namespace rc {

struct ObjectiveCase {
  int64_t dim = 0;
  std::vector<float> v;        // [batch, dim] raw rows
  std::vector<int32_t> label;  // [batch]
  std::vector<float> centre;   // [dim]
  std::vector<int32_t> rows;   // [keys, 2] what the synthetic keys are made of
  std::vector<float> weight;   // [keys]
  float fake_distance = 4;     // of the guard: 4 never guards
  int64_t positives = 0;       // the first so many keys
  bool positives_anchor = false, detach_negatives = false;
  ContrastiveForm form = ContrastiveForm::joint;
  MarginRule margin = MarginRule::of(Margin::cosine, 0.2f);
  float temperature = 0.1f, beta = 1;

  int64_t batch() const { return int64_t(label.size()); }
  int64_t synthetic() const { return int64_t(weight.size()); }
};

struct ObjectiveOutcome {
  std::vector<float> dv;        // [batch, dim]
  std::vector<float> key;       // [batch + keys, dim] unit rows
  std::vector<float> mix_norm;  // [keys] 0 where a key is not in use
  std::vector<float> result;    // [kContrastiveResults]
  bool operator==(const ObjectiveOutcome&) const = default;
};

template <class Run>
ObjectiveOutcome run_objective(ObjectiveCase in, Run run) {
  const int64_t batch = in.batch(), synthetic = in.synthetic(), keys = batch + synthetic, dim = in.dim;
  ObjectiveOutcome out;
  out.dv.assign(size_t(batch * dim), -1);
  out.key.assign(size_t(keys * dim), -1);
  out.mix_norm.assign(size_t(synthetic), -1);
  out.result.assign(kContrastiveResults, -1);
  std::vector<float> norm(size_t(batch), -1);
  float* const made = out.key.data() + batch * dim;

  run(Normalise{in.v.data(), out.key.data(), norm.data(), batch, dim});
  const SourceRows from{out.key.data(), in.centre.data(), nullptr, nullptr, batch, dim};
  run(MixKeys{from, &in.fake_distance, in.rows.data(), in.weight.data(), made, out.mix_norm.data(), synthetic,
              in.positives});

  const Pairs pairs{.label = in.label.data(),
                    .rows = in.rows.data(),
                    .batch = batch,
                    .positives = in.positives,
                    .negatives = synthetic - in.positives,
                    .positives_anchor = in.positives_anchor};
  const int64_t anchors = pairs.anchors();
  std::vector<float> s(size_t(anchors * keys)), loss(size_t(anchors), -1), positive(loss), negative(loss);
  for (int64_t i = 0; i < anchors; ++i)
    for (int64_t j = 0; j < keys; ++j)
      for (int64_t d = 0; d < dim; ++d)
        s[size_t(i * keys + j)] += out.key[size_t(i * dim + d)] * out.key[size_t(j * dim + d)];

  std::vector<float> scalars(kScalars, 0);
  scalars[kContrastiveWeight] = in.beta;
  run(ContrastiveRows{pairs, scalars.data(), s.data(), loss.data(), positive.data(), negative.data(), in.form,
                      in.margin, in.temperature});
  run(ContrastiveSummary{pairs, loss.data(), positive.data(), negative.data(), out.result.data()});

  std::vector<float> dkey(size_t(keys * dim));
  for (int64_t i = 0; i < anchors; ++i)
    for (int64_t j = 0; j < keys; ++j)
      for (int64_t d = 0; d < dim; ++d) {
        dkey[size_t(j * dim + d)] += s[size_t(i * keys + j)] * out.key[size_t(i * dim + d)];
        dkey[size_t(i * dim + d)] += s[size_t(i * keys + j)] * out.key[size_t(j * dim + d)];
      }

  float* const dmade = dkey.data() + batch * dim;
  const int64_t flowing = in.detach_negatives ? in.positives : synthetic;
  run(NormaliseBackward{made, out.mix_norm.data(), dmade, dmade, flowing, dim});
  run(RouteMixes{dmade, in.rows.data(), in.weight.data(), dkey.data(), batch, flowing, dim});
  run(NormaliseBackward{out.key.data(), norm.data(), dkey.data(), out.dv.data(), batch, dim});
  return out;
}

}  // namespace rc
