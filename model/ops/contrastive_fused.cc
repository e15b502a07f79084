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

// What the loss and its gradient share: the rows, packed into the workspace for one kind of products.
class FusedOp : public Op {
 public:
  // `tensor_cores`: rows are rounded to bf16 for them.
  FusedOp(const FusedContrast& contrast, bool tensor_cores)
      : contrast_(contrast), tensor_cores_(tensor_cores) {}

 protected:
  size_t panel_size() const { return size_t(contrast_.rows() * contrast_.dims()); }
  // Bytes of the rows, a multiple of 16.
  size_t packed(bool bundled) const {
    return tensor_cores_ ? size_t(contrast_.rows() * contrast_.square_dims()) * sizeof(Bf16)
                         : (bundled ? 2 : 1) * panel_size() * sizeof(float);
  }
  // What tensor cores multiply.
  std::optional<DType> product() const { return tensor_cores_ ? std::optional(DType::bf16) : std::nullopt; }
  // Packs the rows and calls use(rows).
  template <class Use>
  void on_packed(const Where& where, const FusedContrast& contrast, const float* key, void* to, bool bundled,
                 const Use& use) const {
    if (tensor_cores_) {
      auto* row = static_cast<Bf16*>(to);
      launch(where, RoundRows{contrast, key, row});
      use(Bf16Rows{row});
    } else {
      float *panel = static_cast<float*>(to), *bundle = bundled ? panel + panel_size() : nullptr;
      launch(where, PackRows<float>{contrast, key, panel, bundle});
      use(FloatRows{panel, bundle});
    }
  }

  FusedContrast contrast_;
  bool tensor_cores_;
};

// Inputs: contrastive_inputs, saved.
class FusedGradientOp : public FusedOp {
 public:
  using FusedOp::FusedOp;
  const char* name() const override { return "contrastive_loss.grad"; }
  size_t workspace() const override { return packed(true) + panel_size() * sizeof(float); }
  Cost cost(const Node& node) const override {
    return {3 * pair_flops(contrast_), Op::cost(node).bytes + 2 * double(workspace()), product()};
  }

  void run(Device& device, const Arguments& a) const override {
    const Where where = device.where();
    FusedContrast contrast = contrast_;
    contrast.pairs = with_operands(contrast.pairs, a);
    char* memory = static_cast<char*>(a.workspace);
    auto* gradient = reinterpret_cast<float*>(memory + packed(true));
    on_packed(where, contrast, a.in[0].as<float>(), memory, true, [&]<class Rows>(const Rows& rows) {
      each_round(PairGradient<Rows>{contrast, {contrast.tiles()}, rows, a.in[6].as<float>(), gradient},
                 [&](const auto& kernel) { launch(where, kernel); });
    });
    launch(where, UnpackRows{contrast, gradient, a.out[0].as<float>()});
  }
};

// Inputs: contrastive_inputs. Outputs: results, saved, loss, positive, negative.
class FusedLossOp : public FusedOp {
 public:
  using FusedOp::FusedOp;
  const char* name() const override { return "contrastive_loss"; }
  size_t workspace() const override {
    return packed(false) + size_t(kRowSums * contrast_.rows()) * sizeof(float);
  }
  Cost cost(const Node& node) const override {
    const double sweeps = contrast_.form == ContrastiveForm::joint ? 1 : 2;
    return {sweeps * pair_flops(contrast_), Op::cost(node).bytes + 2 * double(workspace()), product()};
  }

  void run(Device& device, const Arguments& a) const override {
    const Where where = device.where();
    FusedContrast contrast = contrast_;
    contrast.pairs = with_operands(contrast.pairs, a);
    char* memory = static_cast<char*>(a.workspace);
    auto* sums = reinterpret_cast<float*>(memory + packed(false));
    float *saved = a.out[1].as<float>(), *loss = a.out[2].as<float>(), *positive = a.out[3].as<float>(),
          *negative = a.out[4].as<float>();
    on_packed(where, contrast, a.in[0].as<float>(), memory, false, [&]<class Rows>(const Rows& rows) {
      const auto sweep = [&](PairSweep which) {
        each_round(SumPairs<Rows>{contrast, {contrast.tiles()}, rows, saved, sums, which},
                   [&](const auto& kernel) { launch(where, kernel); });
        launch(where,
               FinishRows{contrast, a.in[3].as<float>(), sums, saved, loss, positive, negative, which});
      };
      if (contrast.form == ContrastiveForm::joint) {
        sweep(PairSweep::joint);
      } else {
        sweep(PairSweep::first);
        sweep(PairSweep::second);
      }
    });
    launch(where, ContrastiveSummary{contrast.pairs, loss, positive, negative, a.out[0].as<float>()});
  }

  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value>) const override {
    std::vector<Value> inputs = node.in, gradients(node.in.size());
    inputs.push_back(node.out[1]);
    gradients[0] =
        graph.add(std::make_shared<FusedGradientOp>(contrast_, tensor_cores_), inputs, node.in[0].desc());
    return gradients;
  }
};

}  // namespace

bool fused_contrast_fits(const Pairs& pairs, const ContrastiveOptions& options) {
  return fused_contrast(pairs, 0, options).fits();
}

Value fused_contrastive_loss(const ContrastiveKeys& keys, Value label, Value tuple, Value scalars,
                             const ContrastiveOptions& options) {
  const Pairs pairs = contrastive_pairs(label.shape()[0], keys, options);
  const FusedContrast contrast = fused_contrast(pairs, keys.keys.shape()[1], options);
  // Rounded where the policy rounds the operands of GEMMs as well, and a device multiplies bf16 faster.
  Graph& graph = *label.graph;
  const bool tensor_cores =
      graph.policy().precision == DType::bf16 && graph.device().where().target == Target::cuda;
  return graph.add(std::make_shared<FusedLossOp>(contrast, tensor_cores),
                   contrastive_inputs(keys, label, tuple, scalars),
                   {{DType::f32, {kContrastiveResults}},
                    {DType::f32, {kSavedRows, contrast.rows()}},
                    {DType::f32, {pairs.anchors()}},
                    {DType::f32, {pairs.anchors()}},
                    {DType::f32, {pairs.anchors()}}})[0];
}

}  // namespace rc
