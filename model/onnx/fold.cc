#include "model/onnx/fold.h"

#include <algorithm>
#include <cmath>

#include "engine/error.h"

namespace rc {
namespace {

size_t uses(const OnnxModel& model, const std::string& value) {
  size_t n = 0;
  for (const OnnxNode& node : model.nodes) n += size_t(std::ranges::count(node.in, value));
  return n;
}

OnnxNode* producer(OnnxModel& model, const std::string& value) {
  const auto found = std::ranges::find_if(
      model.nodes, [&](const OnnxNode& n) { return std::ranges::find(n.out, value) != n.out.end(); });
  return found == model.nodes.end() ? nullptr : &*found;
}

std::vector<float>& numbers(OnnxModel& model, const std::string& name) {
  OnnxConstant* constant = model.constant(name);
  check(constant != nullptr, "a parameter is a constant", name);
  return std::get<std::vector<float>>(constant->values);
}

// Whether the weights of `node` have a row for each channel of its result.
bool has_rows(const OnnxNode& node) {
  return node.op == "Conv" || (node.op == "Gemm" && std::get<int64_t>(node.attributes.at("transB")) == 1);
}

void fold(OnnxModel& model, const OnnxNode& norm, OnnxNode& linear) {
  const std::vector<float> scale = numbers(model, norm.in[1]), shift = numbers(model, norm.in[2]),
                           mean = numbers(model, norm.in[3]), variance = numbers(model, norm.in[4]);
  const double epsilon = double(std::get<float>(norm.attributes.at("epsilon")));
  std::vector<float>& weights = numbers(model, linear.in[1]);
  const size_t rows = scale.size(), row = weights.size() / rows;
  std::vector<float> bias(rows);
  if (linear.in.size() > 2) bias = numbers(model, linear.in[2]);
  for (size_t k = 0; k < rows; ++k) {
    const double factor = double(scale[k]) / std::sqrt(double(variance[k]) + epsilon);
    for (size_t i = k * row; i < (k + 1) * row; ++i) weights[i] = float(factor * double(weights[i]));
    bias[k] = float(factor * (double(bias[k]) - double(mean[k])) + double(shift[k]));
  }
  if (linear.in.size() > 2) {
    numbers(model, linear.in[2]) = bias;
  } else {
    linear.in.push_back(linear.name + ".bias");
    model.constants.push_back({linear.in[2], {int64_t(rows)}, std::move(bias)});
  }
}

}  // namespace

void fold_batch_norms(OnnxModel& model) {
  std::vector<std::string> gone;
  for (size_t i = 0; i < model.nodes.size();) {
    const OnnxNode norm = model.nodes[i];
    OnnxNode* linear = norm.op == "BatchNormalization" ? producer(model, norm.in[0]) : nullptr;
    if (!linear || !has_rows(*linear) || uses(model, norm.in[0]) != 1 || uses(model, linear->in[1]) != 1) {
      ++i;
      continue;
    }
    fold(model, norm, *linear);
    linear->out = norm.out;
    gone.insert(gone.end(), norm.in.begin() + 1, norm.in.end());
    model.nodes.erase(model.nodes.begin() + ptrdiff_t(i));
  }
  std::erase_if(model.constants,
                [&](const OnnxConstant& c) { return std::ranges::find(gone, c.name) != gone.end(); });
}

}  // namespace rc
