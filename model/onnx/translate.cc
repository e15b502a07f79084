#include "model/onnx/translate.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "engine/activation.h"
#include "kernels/normalise.h"
#include "model/weights/filter_order.h"

namespace rc {
namespace {

constexpr const char* kInput = "input";

class Translation {
 public:
  Translation(const Graph& graph, const VariableValues& values) : graph_(graph), values_(values) {}

  OnnxModel run(const Inference& f) {
    for (const Node& node : graph_.nodes()) translate(node);
    output("logits", {2}, "Identity", {name(f.logits)});
    const std::string both = emit("Softmax", "probabilities", {"logits"}, {{"axis", 1}});
    output("prob_fake", {}, "Gather", {both, constant("fake", {}, std::vector<int64_t>{1})}, {{"axis", 1}});
    if (f.embedding) {
      output("embedding", {f.embedding.shape()[1]}, "Identity", {unit(f.embedding)});
      output("real_distance", {}, "Identity", {name(f.distance)});
    }
    return std::move(model_);
  }

 private:
  void translate(const Node& node) {
    static const std::map<std::string_view, std::string (Translation::*)(const Node&)> kTranslators = {
        {"normalise_images", &Translation::images},
        {"conv2d", &Translation::convolution},
        {"conv2d.fused", &Translation::fused_convolution},
        {"depthwise", &Translation::depthwise},
        {"depthwise.fused", &Translation::fused_depthwise},
        {"batch_norm", &Translation::batch_norm},
        {"max_pool", &Translation::max_pool},
        {"global_average_pool", &Translation::global_average_pool},
        {"matmul", &Translation::matmul},
        {"bias", &Translation::bias},
        {"bias_relu", &Translation::bias},
        {"bias_silu", &Translation::bias},
        {"bias_sigmoid", &Translation::bias},
        {"squeeze_excite", &Translation::scale},
        {"add", &Translation::add},
        {"real_distance", &Translation::real_distance},
    };
    const std::string_view op = node.op->name();
    if (op == "batch_norm.rstd" || op == "conv2d.fold" || op == "conv2d.pack") return;  // parts of others
    const auto translator = kTranslators.find(op);
    check(translator != kTranslators.end(), "an op has no translation to ONNX", op);
    names_[node.out[0].id] = (this->*translator->second)(node);
  }

  std::string images(const Node& node) {
    const Shape& s = node.out[0].shape();
    model_.inputs.push_back({kInput, {kAnyBatch, s[3], s[1], s[2]}});
    return kInput;
  }
  std::string convolution(const Node& node) {
    return convolve(node, name(node.in[0]), node.in[1], int64_t(node.op->attributes().at("groups")));
  }
  std::string depthwise(const Node& node) {
    std::string x = name(node.in[0]);
    if (node.op->attributes().at("relu") != 0) x = emit("Relu", layer(node.in[1]) + ".relu", {x});
    return convolve(node, x, node.in[1], node.in[1].shape()[0]);
  }
  std::string batch_norm(const Node& node) {
    const Node& rstd = producer(node.in[3]);
    check(rstd.op->name() == std::string_view("batch_norm.rstd"),
          "a norm of inference has running statistics");
    return normalise(node, name(node.in[0]), {node.in[4], node.in[5], node.in[2], rstd.in[0]},
                     rstd.op->attributes().at("eps"), node.in[1]);
  }
  // What a device does as one step is taken apart again: filter and norm as they were before they were
  // folded.
  std::string fused_convolution(const Node& node) {
    return unfolded(node, producer(producer(node.in[1]).in[0]), 1, node.in[3]);
  }
  std::string fused_depthwise(const Node& node) {
    return unfolded(node, producer(node.in[1]), node.in[1].shape()[0], {});
  }
  std::string unfolded(const Node& node, const Node& fold, int64_t groups, Value residual) {
    check(fold.op->name() == std::string_view("conv2d.fold"), "a fused convolution has a folded filter");
    const std::string y = convolve(node, name(node.in[0]), fold.in[0], groups);
    return normalise(node, y, {fold.in.begin() + 1, fold.in.end()}, fold.op->attributes().at("eps"),
                     residual);
  }
  std::string max_pool(const Node& node) {
    const Attributes a = node.op->attributes();
    return emit("MaxPool", scope(node), {name(node.in[0])},
                {{"kernel_shape", std::vector(2, int64_t(a.at("window")))},
                 {"pads", std::vector(4, int64_t(a.at("pad")))},
                 {"strides", std::vector(2, int64_t(a.at("stride")))}});
  }
  std::string global_average_pool(const Node& node) {
    const std::string mean = emit("GlobalAveragePool", scope(node), {name(node.in[0])});
    return emit("Flatten", scope(node) + ".flatten", {mean}, {{"axis", 1}});
  }
  std::string matmul(const Node& node) {
    const Attributes a = node.op->attributes();
    return emit("Gemm", scope(node), {matrix(node.in[0]), matrix(node.in[1])},
                {{"transA", int64_t(a.at("transpose_a"))}, {"transB", int64_t(a.at("transpose_b"))}});
  }
  // A bias is an operand of the product before it, where nothing else reads that.
  std::string bias(const Node& node) {
    const std::string product = name(node.in[0]), row = name(node.in[1]);
    OnnxNode& before = model_.nodes.back();
    if (before.op != "Gemm" || before.out[0] != product || before.in.size() != 2 || uses(node.in[0]) != 1)
      return activate(emit("Add", layer(node.in[1]) + ".add", {product, row}), node, layer(node.in[1]));
    before.in.push_back(row);
    return activate(product, node, layer(node.in[1]));
  }
  // x by a gate an image and channel.
  std::string scale(const Node& node) {
    const std::string gate = emit("Unsqueeze", scope(node) + ".gate",
                                  {name(node.in[1]), constant("pixels", {2}, std::vector<int64_t>{2, 3})});
    return emit("Mul", scope(node), {name(node.in[0]), gate});
  }
  std::string add(const Node& node) { return emit("Add", scope(node), {name(node.in[0]), name(node.in[1])}); }
  std::string real_distance(const Node& node) {
    const std::string cosines = emit("Gemm", "real_distance.cosines", {unit(node.in[0]), name(node.in[1])},
                                     {{"transA", 0}, {"transB", 1}});
    const std::string nearest = emit("ReduceMax", "real_distance.nearest", {cosines},
                                     {{"axes", std::vector<int64_t>{1}}, {"keepdims", 0}});
    return emit("Sub", "real_distance.distance", {constant("one", {}, std::vector{1.0f}), nearest});
  }

  std::string convolve(const Node& node, const std::string& x, Value filter, int64_t groups) {
    const Attributes a = node.op->attributes();
    const Shape& shape = filter.shape();
    return emit("Conv", layer(filter), {x, name(filter)},
                {{"group", groups},
                 {"kernel_shape", std::vector{shape[1], shape[2]}},
                 {"pads", std::vector(4, int64_t(a.at("pad")))},
                 {"strides", std::vector(2, int64_t(a.at("stride")))}});
  }
  // By weight, bias, mean and variance; then the sum and the activation that `node` ends with.
  std::string normalise(const Node& node, const std::string& x, const std::vector<Value>& norm, double eps,
                        Value residual) {
    std::vector<std::string> in = {x};
    for (const Value& v : norm) in.push_back(name(v));
    std::string y = emit("BatchNormalization", layer(norm[0]), std::move(in), {{"epsilon", float(eps)}});
    if (residual) y = emit("Add", layer(norm[0]) + ".add", {y, name(residual)});
    return activate(y, node, layer(norm[0]));
  }
  // x by the activation that a node's op ends with.
  std::string activate(const std::string& x, const Node& node, const std::string& layer) {
    switch (Activation(int(node.op->attributes().at("activation")))) {
      case Activation::none:
        return x;
      case Activation::relu:
        return emit("Relu", layer + ".relu", {x});
      case Activation::silu:
        return emit("Mul", layer + ".silu", {x, emit("Sigmoid", layer + ".sigmoid", {x})});
      case Activation::sigmoid:
        return emit("Sigmoid", layer + ".sigmoid", {x});
    }
    throw Error(Exit::internal, "an activation has no translation to ONNX", layer);
  }
  // The rows of a matrix on the unit sphere. Rows shorter than kShortestRow, which the kernel maps to zero,
  // become a little of what they were.
  std::string unit(Value v) {
    if (const auto known = units_.find(v.id); known != units_.end()) return known->second;
    const std::string length =
        emit("ReduceL2", "embedding.length", {name(v)}, {{"axes", std::vector<int64_t>{1}}, {"keepdims", 1}});
    const std::string divisor =
        emit("Max", "embedding.divisor", {length, constant("shortest", {}, std::vector{kShortestRow})});
    return units_[v.id] = emit("Div", "embedding.unit", {name(v), divisor});
  }

  const Node& producer(Value v) const {
    return graph_.nodes()[size_t(graph_.values()[size_t(v.id)].producer)];
  }
  int64_t uses(Value v) const {
    int64_t n = 0;
    for (const Node& node : graph_.nodes()) n += std::ranges::count(node.in, v);
    return n;
  }
  // A layer is called as its variable is, without the last word: "layer1.0.conv1".
  std::string layer(Value variable) const {
    const std::string& full = graph_.values()[size_t(variable.id)].variable->name;
    return full.substr(0, full.rfind('.'));
  }
  static std::string scope(const Node& node) { return node.scope.empty() ? node.op->name() : node.scope; }

  // What a value is called in the model; a variable becomes a constant when it is first asked for.
  std::string name(Value v) {
    const Graph::Entry& entry = graph_.values()[size_t(v.id)];
    if (entry.kind != Graph::Kind::variable) return names_.at(v.id);
    const Shape& shape = entry.desc.shape;
    if (!names_.contains(v.id)) {
      names_[v.id] = constant(entry.variable->name, pytorch_shape(shape),
                              to_pytorch_order(values_(*entry.variable), shape));  // which is ONNX's
    }
    return names_[v.id];
  }
  // The same of a matrix, which a 1x1 filter is too.
  std::string matrix(Value v) {
    const std::string known = name(v);
    OnnxConstant* constant = model_.constant(known);
    if (constant && constant->shape.size() == 4) constant->shape.resize(2);
    return known;
  }
  // One that exists already is the same.
  template <class T>
  std::string constant(const std::string& name, std::vector<int64_t> shape, std::vector<T> values) {
    if (!model_.constant(name)) model_.constants.push_back({name, std::move(shape), std::move(values)});
    return name;
  }
  // Adds a node of one output, called as the node is: `wanted`, or that and a number where it is taken.
  std::string emit(const std::string& op, const std::string& wanted, std::vector<std::string> in,
                   std::map<std::string, OnnxAttribute> attributes = {}) {
    std::string unique = wanted;
    for (int i = 2; !taken_.insert(unique).second; ++i) unique = wanted + "_" + std::to_string(i);
    model_.nodes.push_back({unique, op, std::move(in), {unique}, std::move(attributes)});
    return unique;
  }
  // The same for an output of the model, [N, *rest].
  void output(const std::string& name, std::vector<int64_t> rest, const std::string& op,
              std::vector<std::string> in, std::map<std::string, OnnxAttribute> attributes = {}) {
    model_.nodes.push_back({name, op, std::move(in), {name}, std::move(attributes)});
    taken_.insert(name);
    rest.insert(rest.begin(), kAnyBatch);
    model_.outputs.push_back({name, std::move(rest)});
  }

  const Graph& graph_;
  const VariableValues& values_;
  OnnxModel model_;
  std::map<int, std::string> names_, units_;  // by value
  std::set<std::string> taken_;
};

}  // namespace

OnnxModel translate(const Graph& graph, const Inference& inference, const VariableValues& values) {
  return Translation(graph, values).run(inference);
}

}  // namespace rc
