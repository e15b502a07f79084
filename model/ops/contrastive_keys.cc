#include "model/ops/contrastive_keys.h"

#include "kernels/centre.h"
#include "kernels/elementwise.h"
#include "kernels/mining.h"
#include "kernels/normalise.h"
#include "kernels/scores.h"
#include "kernels/synthesis.h"

namespace rc {
namespace {

struct Sizes {
  int64_t batch, dim, positives, negatives;
  int64_t synthetic() const { return positives + negatives; }
};

// From the keys' gradient to the raw embeddings'. Inputs: keys, norm, rows, weight, gradient of the keys.
class KeysGradientOp : public Op {
 public:
  explicit KeysGradientOp(const Sizes& sizes) : s_(sizes) {}
  const char* name() const override { return "contrastive_keys.grad"; }
  size_t workspace() const override { return size_t((s_.synthetic() + s_.batch) * s_.dim) * sizeof(float); }

  void run(Device& device, const Arguments& a) const override {
    const float *keys = a.in[0].as<float>(), *norm = a.in[1].as<float>(), *weight = a.in[3].as<float>(),
                *dkeys = a.in[4].as<float>();
    float* dw = static_cast<float*>(a.workspace);
    float* dz = dw + s_.synthetic() * s_.dim;
    const int64_t own = s_.batch * s_.dim;
    launch(device.where(),
           NormaliseBackward{keys + own, norm + s_.batch, dkeys + own, dw, s_.synthetic(), s_.dim});
    device.fill_zero(dz, size_t(own) * sizeof(float));
    launch(device.where(),
           RouteMixes{dw, a.in[2].as<int32_t>(), weight, dz, s_.batch, s_.synthetic(), s_.dim});
    launch(device.where(), Add<float>{dz, dkeys, dz, own});
    launch(device.where(), NormaliseBackward{keys, norm, dz, a.out[0].as<float>(), s_.batch, s_.dim});
  }

 private:
  Sizes s_;
};

class KeysOp : public Op {
 public:
  KeysOp(const Sizes& sizes, const KeyOptions& options) : s_(sizes), o_(options) {}
  const char* name() const override { return "contrastive_keys"; }
  size_t workspace() const override {
    return size_t(s_.positives + o_.hard_fakes) * sizeof(int32_t) + sizeof(float);
  }

  // Inputs: v, label, centre, started, scalars, step. Outputs: keys, norm, rows, weight, distance.
  void run(Device& device, const Arguments& a) const override {
    const Where where = device.where();
    const auto* label = a.in[1].as<int32_t>();
    float *centre = a.in[2].as<float>(), *keys = a.out[0].as<float>(), *norm = a.out[1].as<float>(),
          *distance = a.out[4].as<float>();
    auto* rows = a.out[2].as<int32_t>();
    float* weight = a.out[3].as<float>();
    auto* marginal_real = static_cast<int32_t*>(a.workspace);
    int32_t* hard_fake = marginal_real + s_.positives;
    float* fake_distance = reinterpret_cast<float*>(hard_fake + o_.hard_fakes);

    launch(where, Normalise{a.in[0].as<float>(), keys, norm, s_.batch, s_.dim});
    launch(where, UpdateCentre{keys, label, centre, a.in[3].as<int32_t>(), s_.batch, s_.dim, o_.centre_keep});
    launch(where, RealDistance{keys, centre, distance, s_.batch, s_.dim});
    launch(where, MineHardRows{distance, label, marginal_real, hard_fake, fake_distance, s_.batch,
                               s_.positives, o_.hard_fakes, o_.share});
    launch(where, DrawMixes{marginal_real, hard_fake, a.in[4].as<float>(),
                            reinterpret_cast<const uint32_t*>(a.in[5].as<int32_t>()), rows, weight,
                            s_.positives, o_.hard_fakes, o_.pairs, o_.with_centre, o_.seed});
    launch(where, MixKeys{keys, centre, fake_distance, rows, weight, keys + s_.batch * s_.dim,
                          norm + s_.batch, s_.synthetic(), s_.dim, s_.positives});
  }

  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    const Value dv =
        graph.add(std::make_shared<KeysGradientOp>(s_),
                  {node.out[0], node.out[1], node.out[2], node.out[3], out[0]}, node.in[0].desc());
    return {dv, {}, {}, {}, {}, {}};
  }

 private:
  Sizes s_;
  KeyOptions o_;
};

}  // namespace

ContrastiveKeys contrastive_keys(Value v, Value label, Value centre, Value started, Value scalars, Value step,
                                 const KeyOptions& options) {
  Sizes s{v.shape()[0], v.shape()[1], 0, options.pairs + options.with_centre};
  s.positives = marginal_count(options.share, s.batch);
  const int64_t all = s.batch + s.synthetic();
  const auto out =
      v.graph->add(std::make_shared<KeysOp>(s, options), {v, label, centre, started, scalars, step},
                   {{DType::f32, {all, s.dim}},
                    {DType::f32, {all}},
                    {DType::i32, {s.synthetic(), 2}},
                    {DType::f32, {s.synthetic()}},
                    {DType::f32, {s.batch}}});
  return {out[0], out[2], out[3], out[4], {}, s.positives, s.negatives};
}

}  // namespace rc
