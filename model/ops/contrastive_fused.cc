#include "kernels/contrastive_fused.h"

#include "model/ops/contrastive_parts.h"

namespace rc {
namespace {

FusedContrast fused_contrast(const Pairs& pairs, int64_t dim, const ContrastiveOptions& options) {
  return {pairs, dim, options.form, MarginRule::of(options.margin, options.m), options.temperature};
}

// FLOPs of a product over every unordered pair of rows, whole tiles counted.
double pair_flops(const FusedContrast& c) {
  return double(c.tiles() * (c.tiles() + 1) / 2 * kPairTile * kPairTile) * 2.0 * double(c.dim);
}

// Inputs: contrastive_inputs, saved.
class FusedGradientOp : public Op {
 public:
  explicit FusedGradientOp(const FusedContrast& contrast) : contrast_(contrast) {}
  const char* name() const override { return "contrastive_loss.grad"; }
  size_t workspace() const override { return 3 * panel_size() * sizeof(float); }
  Cost cost(const Node& node) const override {
    return {3 * pair_flops(contrast_), Op::cost(node).bytes + 2 * double(workspace())};
  }

  void run(Device& device, const Arguments& a) const override {
    const Where where = device.where();
    FusedContrast contrast = contrast_;
    contrast.pairs = with_operands(contrast.pairs, a);
    float* panel = static_cast<float*>(a.workspace);
    float *bundle = panel + panel_size(), *gradient = bundle + panel_size();
    launch(where, PackRows<float>{contrast, a.in[0].as<float>(), panel, bundle});
    each_round(PairGradient{contrast, {contrast.tiles()}, panel, bundle, a.in[6].as<float>(), gradient},
               [&](const auto& kernel) { launch(where, kernel); });
    launch(where, UnpackRows{contrast, gradient, a.out[0].as<float>()});
  }

 private:
  size_t panel_size() const { return size_t(contrast_.rows() * contrast_.dims()); }

  FusedContrast contrast_;
};

// Inputs: contrastive_inputs. Outputs: results, saved, loss, positive, negative.
class FusedLossOp : public Op {
 public:
  explicit FusedLossOp(const FusedContrast& contrast) : contrast_(contrast) {}
  const char* name() const override { return "contrastive_loss"; }
  size_t workspace() const override {
    return (panel_size() + size_t(kRowSums * contrast_.rows())) * sizeof(float);
  }
  Cost cost(const Node& node) const override {
    const double sweeps = contrast_.form == ContrastiveForm::joint ? 1 : 2;
    return {sweeps * pair_flops(contrast_), Op::cost(node).bytes + 2 * double(workspace())};
  }

  void run(Device& device, const Arguments& a) const override {
    const Where where = device.where();
    FusedContrast contrast = contrast_;
    contrast.pairs = with_operands(contrast.pairs, a);
    float *panel = static_cast<float*>(a.workspace), *sums = panel + panel_size();
    float *saved = a.out[1].as<float>(), *loss = a.out[2].as<float>(), *positive = a.out[3].as<float>(),
          *negative = a.out[4].as<float>();
    launch(where, PackRows<float>{contrast, a.in[0].as<float>(), panel, nullptr});
    const auto sweep = [&](PairSweep which) {
      each_round(SumPairs{contrast, {contrast.tiles()}, panel, saved, sums, which},
                 [&](const auto& kernel) { launch(where, kernel); });
      launch(where, FinishRows{contrast, a.in[3].as<float>(), sums, saved, loss, positive, negative, which});
    };
    if (contrast.form == ContrastiveForm::joint) {
      sweep(PairSweep::joint);
    } else {
      sweep(PairSweep::first);
      sweep(PairSweep::second);
    }
    launch(where, ContrastiveSummary{contrast.pairs, loss, positive, negative, a.out[0].as<float>()});
  }

  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value>) const override {
    std::vector<Value> inputs = node.in, gradients(node.in.size());
    inputs.push_back(node.out[1]);
    gradients[0] = graph.add(std::make_shared<FusedGradientOp>(contrast_), inputs, node.in[0].desc());
    return gradients;
  }

 private:
  size_t panel_size() const { return size_t(contrast_.rows() * contrast_.dims()); }

  FusedContrast contrast_;
};

}  // namespace

bool fused_contrast_fits(const Pairs& pairs, const ContrastiveOptions& options) {
  return fused_contrast(pairs, 0, options).fits();
}

Value fused_contrastive_loss(const ContrastiveKeys& keys, Value label, Value tuple, Value scalars,
                             const ContrastiveOptions& options) {
  const Pairs pairs = contrastive_pairs(label.shape()[0], keys, options);
  const FusedContrast contrast = fused_contrast(pairs, keys.keys.shape()[1], options);
  return label.graph->add(std::make_shared<FusedLossOp>(contrast),
                          contrastive_inputs(keys, label, tuple, scalars),
                          {{DType::f32, {kContrastiveResults}},
                           {DType::f32, {kSavedRows, contrast.rows()}},
                           {DType::f32, {pairs.anchors()}},
                           {DType::f32, {pairs.anchors()}},
                           {DType::f32, {pairs.anchors()}}})[0];
}

}  // namespace rc
