#include "model/ops/contrastive_parts.h"

namespace rc {
namespace {

// dK = G^T K[:A], then dK[:A] += G K. Inputs: keys, G.
class MatrixGradientOp : public Op {
 public:
  MatrixGradientOp(Graph& graph, int64_t anchors, int64_t keys, int64_t dim)
      : key_side_(graph.device().plan(GemmDesc{.m = keys, .n = dim, .k = anchors, .transpose_a = true},
                                      graph.policy())),
        anchor_side_(graph.device().plan(GemmDesc{.m = anchors, .n = dim, .k = keys, .accumulate = true},
                                         graph.policy())) {}
  const char* name() const override { return "contrastive_loss.grad"; }
  size_t workspace() const override { return std::max(key_side_->workspace(), anchor_side_->workspace()); }
  Cost cost(const Node& node) const override {
    return {4.0 * double(node.in[1].shape().numel() * node.in[0].shape()[1]), Op::cost(node).bytes,
            DType::f32};
  }
  void run(Device&, const Arguments& a) const override {
    key_side_->run(a.in[1].data, a.in[0].data, a.out[0].data, a.workspace);
    anchor_side_->run(a.in[1].data, a.in[0].data, a.out[0].data, a.workspace);
  }

 private:
  std::unique_ptr<Plan> key_side_, anchor_side_;
};

// Inputs: contrastive_inputs. Outputs: results, G, loss, positive, negative.
class MatrixLossOp : public Op {
 public:
  MatrixLossOp(Graph& graph, int64_t batch, const ContrastiveKeys& keys, const ContrastiveOptions& options)
      : options_(options),
        pairs_(contrastive_pairs(batch, keys, options)),
        similarity_(graph.device().plan(
            GemmDesc{
                .m = pairs_.anchors(), .n = pairs_.keys(), .k = keys.keys.shape()[1], .transpose_b = true},
            graph.policy())) {}
  const char* name() const override { return "contrastive_loss"; }
  size_t workspace() const override { return similarity_->workspace(); }
  Cost cost(const Node& node) const override {
    return {2.0 * double(node.out[1].shape().numel() * node.in[0].shape()[1]), Op::cost(node).bytes,
            DType::f32};
  }

  void run(Device& device, const Arguments& a) const override {
    const Pairs pairs = with_operands(pairs_, a);
    float *g = a.out[1].as<float>(), *loss = a.out[2].as<float>(), *positive = a.out[3].as<float>(),
          *negative = a.out[4].as<float>();
    similarity_->run(a.in[0].data, a.in[0].data, g, a.workspace);
    launch(device.where(),
           ContrastiveRows{pairs, a.in[3].as<float>(), g, loss, positive, negative, options_.form,
                           MarginRule::of(options_.margin, options_.m), options_.temperature});
    launch(device.where(), ContrastiveSummary{pairs, loss, positive, negative, a.out[0].as<float>()});
  }

  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value>) const override {
    const Value keys = node.in[0];
    const auto op =
        std::make_shared<MatrixGradientOp>(graph, pairs_.anchors(), pairs_.keys(), keys.shape()[1]);
    std::vector<Value> gradients(node.in.size());
    gradients[0] = graph.add(op, {keys, node.out[1]}, keys.desc());
    return gradients;
  }

 private:
  ContrastiveOptions options_;
  Pairs pairs_;
  std::unique_ptr<Plan> similarity_;
};

}  // namespace

Value matrix_contrastive_loss(const ContrastiveKeys& keys, Value label, Value tuple, Value scalars,
                              const ContrastiveOptions& options) {
  const int64_t batch = label.shape()[0], anchors = batch + (keys.positives_anchor ? keys.positives : 0);
  const auto op = std::make_shared<MatrixLossOp>(*label.graph, batch, keys, options);
  return label.graph->add(op, contrastive_inputs(keys, label, tuple, scalars),
                          {{DType::f32, {kContrastiveResults}},
                           {DType::f32, {anchors, keys.keys.shape()[0]}},
                           {DType::f32, {anchors}},
                           {DType::f32, {anchors}},
                           {DType::f32, {anchors}}})[0];
}

}  // namespace rc
