// A convolution, dense or depthwise, with its norm folded in, beside the two in plain double loops: every
// epilogue, storage, type.
#include "model/ops/folded_conv.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/program.h"
#include "tests/kernels/activations.h"
#include "tests/reference/ops.h"

namespace rc {
namespace {

struct Case {
  int64_t channels, filters, size, stride, pad, side = 9;
  bool depthwise = false;
};

double applied(Activation activation, double v) {
  switch (activation) {
    case Activation::none:
      return v;
    case Activation::relu:
      return std::max(v, 0.0);
    case Activation::silu:
      return v / (1 + std::exp(-v));
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-v));
  }
  return NAN;
}

std::vector<double> absolute(std::vector<double> v) {
  for (double& x : v) x = std::abs(x);
  return v;
}

// What may lie between the folded step and the truth, for one output. `size` is the sum of the magnitudes of
// what is added up, in the folded filter's scale: n products, bias, residual. A fold rounds a weight twice, n
// + 2 sums round once each; Winograd's transforms amplify that by at most ten times a channel's sum of nine.
// In bf16 the folded weight is rounded once more, but for a depthwise one, and so is y. No activation here is
// steeper than 1.1, and oneDNN's exponential is good to 1e-6 of what it multiplies.
double bound(const Case& c, DType dtype, double terms, double size, double y) {
  const bool winograd = c.size == 3 && c.stride == 1 && !c.depthwise;
  const double sums = (terms + 4) * 0x1p-24 * (winograd ? 10 : 1);
  if (dtype == DType::f32) return 1.1 * sums * size + 1e-6 * std::abs(y);
  return 1.1 * (sums + (c.depthwise ? 0 : 0x1p-9)) * size + 0x1p-8 * std::abs(y);
}

template <class T>
void compare(const Case& c, Activation activation, bool residual, bool residual_is_read_later) {
  constexpr int64_t kImages = 2;
  const int64_t side = c.side;
  const DType dtype = dtype_of<T>();
  const auto device = open_device("cpu");
  Variables variables;
  auto graph = std::make_unique<Graph>(*device, variables, Policy{.precision = dtype}, false);
  const auto storage = [&](int64_t channels) { return device->activation_block(dtype, channels); };

  const reference::Conv conv{
      int(kImages), int(side),   int(side),     int(c.channels), int(c.filters),
      int(c.size),  int(c.size), int(c.stride), int(c.pad),      c.depthwise ? int(c.channels) : 1};
  const int64_t out_side = conv.out_h(), outs = kImages * out_side * out_side * c.filters;
  const auto draw = [&](const char* name, const Shape& shape, uint32_t stream, double least, double most) {
    std::vector<double> v(size_t(shape.numel()));
    Rng rng(11, Purpose::test, stream);
    for (double& x : v) x = double(T(float(least + (most - least) * double(rng.below(4096)) / 4096)));
    if (name == nullptr) return std::pair(v, Value{});
    const Variable& variable = variables.buffer(name, {DType::f32, shape}, [v](std::vector<float>& first) {
      for (size_t i = 0; i < v.size(); ++i) first[i] = float(v[i]);
    });
    return std::pair(v, graph->variable(variable));
  };
  const int64_t depth = c.depthwise ? 1 : c.channels;
  const auto [w, w_value] = draw("w", {c.filters, c.size, c.size, depth}, 1, -1, 1);
  const auto [gamma, gamma_value] = draw("gamma", {c.filters}, 2, -2, 2);
  const auto [beta, beta_value] = draw("beta", {c.filters}, 3, -1, 1);
  const auto [mean, mean_value] = draw("mean", {c.filters}, 4, -1, 1);
  const auto [var, var_value] = draw("var", {c.filters}, 5, 0.1, 2);
  const auto x = draw(nullptr, {kImages * side * side * c.channels}, 6, -1, 1).first;
  const auto r = draw(nullptr, {outs}, 7, -2, 2).first;

  const Value x_value = graph->input({dtype, {kImages, side, side, c.channels}, storage(c.channels)});
  const TensorDesc y_desc = {dtype, {kImages, out_side, out_side, c.filters}, storage(c.filters)};
  const Value r_value = residual ? graph->input(y_desc) : Value{};
  const BatchNormVariables norm = {gamma_value, beta_value, mean_value, var_value};
  const Value y_value = c.depthwise
                            ? folded_depthwise(x_value, w_value, norm, c.stride, c.pad, activation)
                            : folded_conv(x_value, w_value, norm, c.stride, c.pad, activation, r_value);
  REQUIRE(y_value);
  CHECK(y_value.desc() == y_desc);
  graph->keep(y_value);
  if (residual_is_read_later) graph->keep(r_value);
  Program program(std::move(graph));
  variables.allocate(*device);
  program.prepare();

  const Channels in{kImages, side * side, c.channels, x_value.desc().channel_block()},
      out{kImages, out_side * out_side, c.filters, y_desc.channel_block()};
  const auto put = [&](Value v, const std::vector<double>& values, const Channels& shape) {
    const auto stored_values = stored<T>(values, shape);
    device->upload(program.tensor(v).data, stored_values.data(), v.desc().bytes());
  };
  const auto read = [&](Value v, const Channels& shape) {
    std::vector<T> values(size_t(v.shape().numel()));
    device->download(values.data(), program.tensor(v).data, v.desc().bytes());
    return nhwc(values, shape);
  };

  std::vector<double> scale(gamma.size()), folded(w);
  for (size_t k = 0; k < scale.size(); ++k) scale[k] = gamma[k] / std::sqrt(var[k] + double(1e-5f));
  for (size_t i = 0; i < folded.size(); ++i) folded[i] *= scale[i / (folded.size() / scale.size())];
  const auto sums = reference::conv2d(conv, x, folded);
  const auto sizes = reference::conv2d(conv, absolute(x), absolute(folded));
  const double terms = double(c.size * c.size * depth);
  for (int repeat = 0; repeat < 2; ++repeat) {
    put(x_value, x, in);
    if (residual) put(r_value, r, out);
    program.run();
    const auto y = read(y_value, out);
    double worst = 0;
    for (size_t i = 0; i < y.size(); ++i) {
      const size_t k = i % scale.size();
      const double shift = beta[k] - mean[k] * scale[k];
      const double want = applied(activation, sums[i] + shift + (residual ? r[i] : 0));
      const double size = sizes[i] + std::abs(shift) + (residual ? std::abs(r[i]) : 0);
      worst = std::max(worst, std::abs(y[i] - want) / bound(c, dtype, terms, size, want));
    }
    CHECK(worst <= 1);
    CHECK(worst > 0);
    if (residual_is_read_later) CHECK(read(r_value, out) == r);
  }
}

template <class T>
void every_epilogue(const Case& c) {
  CAPTURE(c.channels);
  CAPTURE(c.filters);
  CAPTURE(c.size);
  for (const Activation activation :
       {Activation::none, Activation::relu, Activation::silu, Activation::sigmoid})
    for (const bool residual : {false, true}) {
      if (c.depthwise && (residual || activation == Activation::sigmoid)) continue;
      CAPTURE(int(activation));
      CAPTURE(residual);
      compare<T>(c, activation, residual, false);
      if (residual) compare<T>(c, activation, true, true);
    }
}

constexpr Case kCases[] = {
    {3, 32, 7, 2, 3},                            // of images
    {16, 32, 1, 1, 0},                           // pointwise
    {32, 48, 1, 2, 0},                           // a shortcut
    {32, 16, 3, 1, 1},                           // Winograd in fp32
    {16, 32, 3, 1, 1, 23},                       // and in bf16
    {272, 256, 3, 1, 1, 14},                     // whose filter is brought to the points in every run
    {32, 64, 3, 2, 1},       {24, 40, 1, 1, 0},  // NHWC in fp32 as well
    {40, 24, 3, 2, 1},       {48, 24, 1, 1, 0},  // from blocks of 16 to NHWC, and back
    {24, 48, 3, 1, 1},       {3, 24, 3, 2, 1},  {48, 48, 3, 1, 1, 9, true}, {24, 24, 5, 2, 2, 11, true},
};

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("a norm folded into its convolution gives what both give, with every epilogue, in fp32") {
    for (const Case& c : kCases) every_epilogue<float>(c);
  }
  TEST_CASE("a norm folded into its convolution gives what both give, with every epilogue, in bf16") {
    for (const Case& c : kCases) every_epilogue<Bf16>(c);
  }
}

}  // namespace rc
