// The real-centric objective assembled from its kernels as a training step does it, with plain loops for the
// GEMMs: raw rows in, loss and gradient out.
#pragma once

#include <vector>

#include "kernels/normalise.h"
#include "kernels/synthesis.h"
#include "tests/kernels/contrast_case.h"

namespace rc {

struct ObjectiveCase {
  int64_t dim = 0;
  std::vector<float> v;                 // [batch, dim] raw rows
  std::vector<int32_t> label;           // [batch]
  std::vector<float> centre;            // [dim]
  std::vector<int32_t> rows;            // [keys, 2] what the synthetic keys are made of
  std::vector<float> weight;            // [keys]
  std::vector<float> fake_distance{4};  // [1] of the guard: 4 never guards
  int64_t positives = 0;                // the first so many keys
  bool positives_anchor = false, detach_negatives = false;
  ContrastiveForm form = ContrastiveForm::joint;
  MarginRule margin = MarginRule::of(Margin::cosine, 0.2f);
  float temperature = 0.1f, beta = 1;

  int64_t batch() const { return int64_t(label.size()); }
  int64_t synthetic() const { return int64_t(weight.size()); }
};

struct PipelineOutcome {
  std::vector<float> dv;        // [batch, dim]
  std::vector<float> key;       // [batch + keys, dim] unit rows
  std::vector<float> mix_norm;  // [keys] 0 where a key is not in use
  std::vector<float> result;    // [kContrastiveResults]
  bool operator==(const PipelineOutcome&) const = default;
};

template <class Run>
PipelineOutcome run_objective(ObjectiveCase in, Run run, bool fused = false) {
  const int64_t batch = in.batch(), synthetic = in.synthetic(), keys = batch + synthetic, dim = in.dim;
  PipelineOutcome out;
  out.dv.assign(size_t(batch * dim), -1);
  out.key.assign(size_t(keys * dim), -1);
  out.mix_norm.assign(size_t(synthetic), -1);
  std::vector<float> norm(size_t(batch), -1);
  float* const made = out.key.data() + batch * dim;

  run(Normalise{in.v.data(), out.key.data(), norm.data(), batch, dim});
  const SourceRows from{out.key.data(), in.centre.data(), nullptr, nullptr, batch, dim};
  run(MixKeys{from, in.fake_distance.data(), in.rows.data(), in.weight.data(), made, out.mix_norm.data(),
              synthetic, in.positives});

  const ContrastCase contrast{.batch = batch,
                              .positives = in.positives,
                              .negatives = synthetic - in.positives,
                              .dim = dim,
                              .positives_anchor = in.positives_anchor,
                              .key = out.key,
                              .label = in.label,
                              .rows = in.rows,
                              .form = in.form,
                              .margin = in.margin,
                              .temperature = in.temperature,
                              .beta = in.beta};
  ContrastOutcome loss = fused ? run_fused(contrast, run) : run_materialised(contrast, run);
  out.result = loss.result;
  std::vector<float>& dkey = loss.dkey;

  float* const dmade = dkey.data() + batch * dim;
  const int64_t flowing = in.detach_negatives ? in.positives : synthetic;
  run(NormaliseBackward{made, out.mix_norm.data(), dmade, dmade, flowing, dim});
  run(RouteMixes{dmade, in.rows.data(), in.weight.data(), dkey.data(), batch, flowing, dim});
  run(NormaliseBackward{out.key.data(), norm.data(), dkey.data(), out.dv.data(), batch, dim});
  return out;
}

}  // namespace rc
