// The CPU device's primitives against plain double loops, in every storage.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstring>

#include "engine/device.h"
#include "engine/error.h"
#include "engine/host/caches.h"
#include "engine/host/isa.h"
#include "engine/host/onednn.h"
#include "engine/rng.h"
#include "kernels/channels.h"
#include "tests/reference/ops.h"

namespace rc {
namespace {

// Small integers, so that sums are exact in any order.
std::vector<double> integers(int64_t n, uint32_t stream) {
  Rng rng(7, Purpose::test, stream);
  std::vector<double> v(static_cast<size_t>(n));
  for (double& x : v) x = double(rng.below(7)) - 3;
  return v;
}

template <class T>
std::vector<T> store(const std::vector<double>& nhwc, const Channels& to) {
  std::vector<T> out(nhwc.size());
  for (int64_t n = 0, i = 0; n < to.images; ++n)
    for (int64_t p = 0; p < to.pixels; ++p)
      for (int64_t c = 0; c < to.channels; ++c, ++i) out[size_t(to.at(n, p, c))] = T(float(nhwc[size_t(i)]));
  return out;
}
template <class T>
std::vector<double> read(const std::vector<T>& stored, const Channels& from) {
  std::vector<double> out(stored.size());
  for (int64_t n = 0, i = 0; n < from.images; ++n)
    for (int64_t p = 0; p < from.pixels; ++p)
      for (int64_t c = 0; c < from.channels; ++c, ++i)
        out[size_t(i)] = double(float(stored[size_t(from.at(n, p, c))]));
  return out;
}

double worst(const std::vector<double>& a, const std::vector<double>& b) {
  double w = 0;
  for (size_t i = 0; i < a.size(); ++i) w = std::max(w, std::abs(a[i] - b[i]));
  return w;
}

double largest_of(const std::vector<double>& values) {  // 1 at least
  double largest = 1;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  return largest;
}

// One convolution in its three directions, beside the reference. `tolerance` is 0 where sums of integers are
// exact.
template <class T>
void compare(const ConvDesc& d, double tolerance, double output_rounding) {
  const auto device = open_device("cpu");
  const reference::Conv r{int(d.n), int(d.h), int(d.w),      int(d.c),   int(d.k),
                          int(d.r), int(d.s), int(d.stride), int(d.pad), int(d.groups)};
  const Channels in{d.n, d.h * d.w, d.c, d.in_block}, out{d.n, d.p() * d.q(), d.k, d.out_block};
  const auto x = integers(in.size(), 1), w = integers(d.k * d.r * d.s * d.c / d.groups, 2),
             dy = integers(out.size(), 3);
  const auto xs = store<T>(x, in), dys = store<T>(dy, out);
  std::vector<T> ws;
  for (const double v : w) ws.push_back(T(float(v)));

  const auto run = [&](Direction direction, const void* a, const void* b, void* result) {
    const auto plan = device->plan(d, direction, {});
    CAPTURE(plan->engine());
    CHECK(plan->engine().find("ref") == std::string::npos);
    const Memory workspace = device->reserve(plan->workspace() + 64);
    plan->run(a, b, result, workspace.data());
    return plan->engine();
  };
  CAPTURE(d.text());
  std::vector<T> y(dys.size()), dx(xs.size());
  std::vector<float> dw(w.size());
  const std::string engine = run(Direction::forward, xs.data(), ws.data(), y.data());
  CAPTURE(engine);
  const auto expected = reference::conv2d(r, x, w);
  const double largest = largest_of(expected);
  CHECK(worst(read(y, out), expected) <= (tolerance + output_rounding) * largest);
  if (d.in_block != 1) {  // no gradient flows to images
    run(Direction::data_gradient, dys.data(), ws.data(), dx.data());
    const auto expected_dx = reference::conv2d_grad_data(r, dy, w);
    CHECK(worst(read(dx, in), expected_dx) <= (tolerance + output_rounding) * largest_of(expected_dx));
  }
  run(Direction::weight_gradient, xs.data(), dys.data(), dw.data());
  CHECK(worst(std::vector<double>(dw.begin(), dw.end()), reference::conv2d_grad_weight(r, dy, x)) <=
        tolerance * 10 * largest);
}

// Whether this processor takes our own 1x1 convolutions, and our own weight gradients in bf16.
bool ours() { return host_target() == Target::avx512; }
bool ours_in_bf16() { return ours() && __builtin_cpu_supports("avx512bf16") && !onednn_has_amx(); }
std::string engine_of(const ConvDesc& d, Direction direction) {
  return open_device("cpu")->plan(d, direction, {})->engine();
}

// A convolution of an inference with what follows it, beside the reference, over its residual as well; exact
// but for the rounding of bf16 results. `own`: whether it is ours.
template <class T>
void compare_fused(const ConvDesc& d, const Epilogue& epilogue, bool own) {
  CAPTURE(d.text());
  const auto device = open_device("cpu");
  const Channels in{d.n, d.h * d.w, d.c, d.in_block}, out{d.n, d.p() * d.q(), d.k, d.out_block};
  const auto x = integers(in.size(), 1), w = integers(d.c * d.k * d.r * d.s, 2), b = integers(d.k, 3),
             more = integers(out.size(), 4);
  auto expected = reference::conv2d(
      {int(d.n), int(d.h), int(d.w), int(d.c), int(d.k), int(d.r), int(d.s), int(d.stride), int(d.pad), 1}, x,
      w);
  for (size_t i = 0; i < expected.size(); ++i) {
    expected[i] += b[i % b.size()] + (epilogue.residual ? more[i] : 0);
    if (epilogue.activation == Activation::relu) expected[i] = std::max(expected[i], 0.0);
  }
  const auto fused = device->fuse(d, epilogue, {});
  CHECK(fused->engine().starts_with("own") == own);
  const Memory packed = device->reserve(fused->packed_bytes() + 64),
               workspace = device->reserve(fused->workspace() + 64);
  std::vector<T> ws;
  for (const double v : w) ws.push_back(T(float(v)));
  const std::vector<float> bias(b.begin(), b.end());
  fused->pack(ws.data(), packed.data(), workspace.data());
  const auto xs = store<T>(x, in), besides = store<T>(more, out);
  std::vector<T> y(besides.size()), over = besides;
  const auto run = [&](const T* residual, T* to) {
    fused->run(xs.data(), packed.data(), bias.data(), epilogue.residual ? residual : nullptr, to,
               workspace.data());
  };
  run(besides.data(), y.data());
  const auto values = read(y, out);
  double excess = 0;
  for (size_t i = 0; i < values.size(); ++i)
    excess = std::max(
        excess, std::abs(values[i] - expected[i]) - (sizeof(T) == 2 ? 0x1p-8 : 0) * std::abs(expected[i]));
  CHECK(excess <= 0);
  run(over.data(), over.data());
  CHECK(std::memcmp(over.data(), y.data(), y.size() * sizeof(T)) == 0);
}

// Of the largest value: what a chain of so many fma loses, and the dozen roundings of Winograd's transforms,
// whose coefficients amplify both a few times.
double winograd_loses(const ConvDesc& d) {
  return 4 * 0x1p-24 * (std::sqrt(double(std::max(d.c, d.k))) + 12);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("convolutions are exact on integers, in fp32 and bf16, in every storage") {
    const ConvDesc stem{.n = 2,
                        .h = 17,
                        .w = 19,
                        .c = 3,
                        .k = 32,
                        .r = 7,
                        .s = 7,
                        .stride = 2,
                        .pad = 3,
                        .in_block = 1,
                        .out_block = 16};
    compare<float>(stem, 0, 0);
    const ConvDesc pointwise{.n = 2,
                             .h = 9,
                             .w = 8,
                             .c = 32,
                             .k = 48,
                             .r = 1,
                             .s = 1,
                             .stride = 2,
                             .pad = 0,
                             .in_block = 16,
                             .out_block = 16};
    compare<float>(pointwise, 0, 0);
    ConvDesc strided{.n = 2,
                     .h = 9,
                     .w = 8,
                     .c = 32,
                     .k = 16,
                     .r = 3,
                     .s = 3,
                     .stride = 2,
                     .pad = 1,
                     .in_block = 16,
                     .out_block = 16};
    compare<float>(strided, 0, 0);
    strided.in_block = 32;
    compare<float>(strided, 0, 0);
    strided.dtype = DType::bf16;
    compare<Bf16>(strided, 0, 0x1p-8);  // sums are exact in fp32; the stored result is rounded once to bf16
  }

  TEST_CASE("convolutions between storages of channels are exact on integers") {
    for (const int64_t size : {1, 3})
      for (const auto [c, k] : {std::array<int64_t, 2>{48, 24}, {24, 48}, {24, 40}, {3, 24}, {16, 24}}) {
        ConvDesc d{
            .n = 2, .h = 9, .w = 8, .c = c, .k = k, .r = size, .s = size, .stride = 2, .pad = size / 2};
        d.in_block = c == 3 ? 1 : c % 16 == 0 ? 16 : c;
        d.out_block = k % 16 == 0 ? 16 : k;
        compare<float>(d, 0, 0);
      }
  }

  TEST_CASE("pointwise convolutions are exact on integers for every cut of pixels and channels") {
    for (const auto [h, w, stride] :
         {std::array<int64_t, 3>{1, 1, 1}, {5, 7, 1}, {9, 13, 1}, {6, 7, 2}, {5, 67, 2}})
      for (const auto [c, k] :
           {std::array<int64_t, 2>{8, 24}, {16, 48}, {48, 16}, {24, 80}, {264, 56}, {96, 112}})
        for (const bool in_by_16 : {false, true})
          for (const bool out_by_16 : {false, true}) {
            if ((in_by_16 && c % 16 != 0) || (out_by_16 && k % 16 != 0)) continue;
            ConvDesc d{.n = 5, .h = h, .w = w, .c = c, .k = k, .r = 1, .s = 1, .stride = stride};
            d.in_block = in_by_16 ? 16 : c, d.out_block = out_by_16 ? 16 : k;
            if (!ours() && in_by_16 != out_by_16) continue;  // oneDNN has no such pair but for odd channels
            if (d.stride == 2 && w < 32 && in_by_16 != out_by_16) continue;  // nor where the gradient is its
            compare<float>(d, 0, 0);
            for (const Direction direction : {Direction::forward, Direction::data_gradient})
              CHECK((engine_of(d, direction) == "own 1x1:avx512") == ours());
            CHECK((engine_of(d, Direction::weight_gradient) == "own 1x1:avx512") ==
                  (ours() && (stride == 1 || w > 62)));
          }
  }

  TEST_CASE("strided convolutions are exact on integers, both ways, for every filter, storage and border") {
    const auto device = open_device("cpu");
    for (const auto [size, stride, pad] :
         {std::array<int64_t, 3>{3, 2, 1}, {2, 2, 0}, {5, 2, 2}, {3, 3, 2}, {7, 4, 3}, {2, 3, 1}})
      for (const auto [h, w] : {std::array<int64_t, 2>{7, 8}, {9, 31}, {8, 64}, {4, 3}})
        for (const auto [c, k] : {std::array<int64_t, 2>{16, 24}, {24, 16}, {48, 80}, {32, 112}, {64, 16}})
          for (const auto [in_block, out_block] :
               {std::array<int64_t, 2>{c, k}, {16, k}, {c, 16}, {16, 16}}) {
            if (h + 2 * pad < size || w + 2 * pad < size) continue;
            if ((in_block == 16 && c % 16 != 0) || (out_block == 16 && k % 16 != 0)) continue;
            ConvDesc d{.n = 2, .h = h, .w = w, .c = c, .k = k, .r = size, .s = size, .stride = stride};
            d.pad = pad, d.in_block = in_block, d.out_block = out_block;
            CAPTURE(d.text());
            const Channels in{d.n, h * w, c, in_block}, out{d.n, d.p() * d.q(), k, out_block};
            const auto x = integers(in.size(), 1), dy = integers(out.size(), 2),
                       filter = integers(k * size * size * c, 3);
            const auto xs = store<float>(x, in), dys = store<float>(dy, out);
            const std::vector<float> ws(filter.begin(), filter.end());
            const auto own = [&](int64_t summed) { return ours() && summed % 16 == 0; };
            const auto run = [&](Direction direction, bool by_us, const std::vector<float>& from,
                                 const Channels& to) {
              const auto plan = device->plan(d, direction, {});
              CHECK((plan->engine() == "own strided:avx512") == by_us);
              const Memory workspace = device->reserve(plan->workspace() + 64);
              std::vector<float> result(size_t(to.size()), NAN);
              plan->run(from.data(), ws.data(), result.data(), workspace.data());
              return read(result, to);
            };
            const reference::Conv r{2,         int(h),    int(w),      int(c),   int(k),
                                    int(size), int(size), int(stride), int(pad), 1};
            const bool alike = (in_block == c) == (out_block == k);  // oneDNN has no others
            if (own(c) || alike)
              CHECK(worst(run(Direction::forward, own(c), xs, out), reference::conv2d(r, x, filter)) == 0);
            if (own(k) || alike)
              CHECK(worst(run(Direction::data_gradient, own(k), dys, in),
                          reference::conv2d_grad_data(r, dy, filter)) == 0);
          }
  }

  TEST_CASE("weight gradients in bf16 are exact on integers for every filter, stride and cut") {
    for (const auto [c, k] : {std::array<int64_t, 2>{24, 72}, {72, 24}, {80, 128}, {264, 328}})
      for (const auto [size, stride] :
           {std::array<int64_t, 2>{1, 1}, {1, 2}, {3, 1}, {3, 2}, {5, 1}, {5, 3}}) {
        ConvDesc d{.dtype = DType::bf16, .n = 3, .h = 9, .w = 8, .c = c, .k = k, .r = size, .s = size};
        d.stride = stride, d.pad = size / 2, d.in_block = c, d.out_block = k;
        compare<Bf16>(d, 0, 0x1p-8);  // sums are exact in fp32; y and dx are rounded once to bf16
        CHECK((engine_of(d, Direction::weight_gradient) == "own pairs:avx512_bf16") == ours_in_bf16());
      }
    ConvDesc large{
        .dtype = DType::bf16, .n = 2, .h = 61, .w = 63, .c = 64, .k = 72, .r = 3, .s = 3, .pad = 1};
    large.in_block = 64, large.out_block = 72;
    compare<Bf16>(large, 0, 0x1p-8);  // of several chunks an image
  }

  TEST_CASE("our own convolutions have the same bits for any number of threads") {
    const ConvDesc pointwise{.n = 3, .h = 13, .w = 11, .c = 264, .k = 200, .r = 1, .s = 1};
    ConvDesc in_bf16 = pointwise, strided = pointwise;
    in_bf16.dtype = DType::bf16;
    strided.c = 272, strided.r = strided.s = 3, strided.stride = 2, strided.pad = 1;
    // Winograd: each thread of one or two takes tiles of its own, and more share them; in bf16; a filter that
    // goes through the caches part by part.
    const ConvDesc tiled{.n = 6, .h = 16, .w = 15, .c = 272, .k = 208, .r = 3, .s = 3, .pad = 1};
    ConvDesc tiled_in_bf16 = tiled;
    tiled_in_bf16.dtype = DType::bf16;
    const ConvDesc large{.n = 1, .h = 24, .w = 23, .c = 512, .k = 176, .r = 3, .s = 3, .pad = 1};
    for (ConvDesc d : {pointwise, in_bf16, strided, tiled, tiled_in_bf16, large}) {
      CAPTURE(d.text());
      const DType dtype = d.dtype;
      d.in_block = d.c, d.out_block = d.k;
      const size_t bytes = size_of(dtype);
      const auto values = [&](int64_t n, uint32_t stream) {
        Rng rng(7, Purpose::test, stream);
        std::vector<char> out(size_t(n) * bytes);
        for (int64_t i = 0; i < n; ++i) {
          const float v = rng.uniform(-1, 1);
          const Bf16 half(v);
          std::memcpy(&out[size_t(i) * bytes], dtype == DType::f32 ? (const void*)&v : &half, bytes);
        }
        return out;
      };
      const auto x = values(d.n * d.h * d.w * d.c, 1), y = values(d.n * d.p() * d.q() * d.k, 2),
                 w = values(d.k * d.r * d.s * d.c, 3);
      const auto run = [&](int threads, Direction direction) {
        const auto device = open_device("cpu", threads);
        const auto plan = device->plan(d, direction, {});
        const Memory workspace = device->reserve(plan->workspace() + 64);
        std::vector<char> out(direction == Direction::forward ? y.size()
                              : direction == Direction::data_gradient
                                  ? x.size()
                                  : size_t(d.k * d.r * d.s * d.c) * sizeof(float));
        plan->run(direction == Direction::data_gradient ? y.data() : x.data(),
                  direction == Direction::weight_gradient ? y.data() : w.data(), out.data(),
                  workspace.data());
        return plan->engine().starts_with("own") ? out : std::vector<char>();
      };
      for (const Direction direction :
           {Direction::forward, Direction::data_gradient, Direction::weight_gradient}) {
        const auto one = run(1, direction);
        for (const int threads : {2, 3, 16}) CHECK(run(threads, direction) == one);
      }
    }
    open_device("cpu");  // all cores again
  }

  TEST_CASE(
      "a convolution of ours gives its results' moments, with the same bits for any number of threads") {
    const ConvDesc pointwise{
        .n = 2, .h = 23, .w = 37, .c = 136, .k = 200, .r = 1, .s = 1, .in_block = 136, .out_block = 200};
    ConvDesc in_bf16 = pointwise, strided = pointwise, windows = pointwise;
    in_bf16.dtype = DType::bf16;
    strided.stride = 2;
    windows.c = 32, windows.r = windows.s = 3, windows.stride = 2, windows.pad = 1;
    for (ConvDesc d : {pointwise, in_bf16, strided, windows}) {
      CAPTURE(d.text());
      if (d.dtype == DType::bf16 ? !ours_in_bf16() : !ours()) continue;
      d.in_block = d.c, d.out_block = d.k;
      const auto x = integers(d.n * d.h * d.w * d.c, 1), w = integers(d.k * d.r * d.s * d.c, 2);
      const auto y = reference::conv2d({int(d.n), int(d.h), int(d.w), int(d.c), int(d.k), int(d.r), int(d.s),
                                        int(d.stride), int(d.pad), 1},
                                       x, w);
      const Channels in{d.n, d.h * d.w, d.c, d.c}, filter{1, 1, int64_t(w.size()), int64_t(w.size())};
      const auto run = [&]<class T>(T, int threads, bool gathers) {
        const auto device = open_device("cpu", threads);
        const auto plan = device->plan(d, Direction::forward, {});
        const Memory workspace = device->reserve(plan->workspace() + 64);
        std::vector<float> moments(size_t(2 * plan->chunks().count() * d.k));
        std::vector<T> results(y.size());
        const auto xs = store<T>(x, in), ws = store<T>(w, filter);
        if (gathers)
          plan->run_with_moments(xs.data(), ws.data(), results.data(), moments.data(), workspace.data());
        else
          plan->run(xs.data(), ws.data(), results.data(), workspace.data());
        return std::pair(std::vector<float>(results.begin(), results.end()), moments);
      };
      const auto run_as = [&](int threads, bool gathers) {
        return d.dtype == DType::bf16 ? run(Bf16(), threads, gathers) : run(float(), threads, gathers);
      };
      const auto [results, moments] = run_as(1, true);
      CHECK(results == run_as(1, false).first);
      for (const int threads : {2, 3, 16}) CHECK(run_as(threads, true) == std::pair(results, moments));

      const Chunks chunks = open_device("cpu")->plan(d, Direction::forward, {})->chunks();
      REQUIRE(chunks.images * chunks.pixels == d.n * d.p() * d.q());
      const double largest = largest_of(y);
      double off_mean = 0, off_squares = 0;
      int64_t pixel = 0;
      for (int64_t chunk = 0; chunk < chunks.count(); ++chunk) {
        const int64_t size = chunks.size(chunk % chunks.per_image());
        for (int64_t k = 0; k < d.k; ++k) {
          double mean = 0, squares = 0;
          for (int64_t p = pixel; p < pixel + size; ++p) mean += y[size_t(p * d.k + k)] / double(size);
          for (int64_t p = pixel; p < pixel + size; ++p)
            squares += std::pow(y[size_t(p * d.k + k)] - mean, 2);
          const size_t at = size_t(chunk * d.k + k);
          off_mean = std::max(off_mean, std::abs(double(moments[at]) - mean));
          off_squares = std::max(off_squares,
                                 std::abs(double(moments[moments.size() / 2 + at]) - squares) / double(size));
        }
        pixel += size;
      }
      // At most 60 tiles join, of 8 values at most two of which are added to each other at a time: each
      // rounds a number no larger than the mean, or twice a value squared.
      const double roundings = (60 + 8) * 0x1p-24;
      CHECK(off_mean <= roundings * 2 * largest);
      CHECK(off_squares <= roundings * 4 * largest * largest);
    }
    const auto device = open_device("cpu");  // all cores again
    for (const Direction direction : {Direction::data_gradient, Direction::weight_gradient}) {
      const auto plan = device->plan(pointwise, direction, {});
      CHECK(plan->chunks().count() == 0);
      CHECK_THROWS_AS(plan->run_with_moments(nullptr, nullptr, nullptr, nullptr, nullptr), Error);
    }
  }

  TEST_CASE(
      "a convolution of ours with all that follows it is exact on integers, over its residual as well") {
    for (const bool residual : {false, true})
      for (const Activation activation : {Activation::none, Activation::relu})
        for (const auto [c, k, block, size] :  // size 3 strides
             {std::array<int64_t, 4>{24, 56, 56, 1}, {32, 80, 16, 1}, {32, 56, 56, 3}, {32, 80, 16, 3}}) {
          ConvDesc d{.n = 2, .h = 5, .w = 7, .c = c, .k = k, .r = size, .s = size};
          if (size > 1) d.stride = 2, d.pad = 1;
          d.in_block = block == 16 ? 16 : c, d.out_block = block;
          compare_fused<float>(d, {residual, activation}, ours());
          if (block == 16) continue;
          d.dtype = DType::bf16;
          compare_fused<Bf16>(d, {residual, activation}, ours_in_bf16() && size == 1);
          d.h = 29, d.stride = 2;
          compare_fused<Bf16>(d, {residual, activation}, ours_in_bf16() && size == 1);
        }
  }

  TEST_CASE("SiLU behind a pointwise convolution is as close as fp32 allows") {
    const auto device = open_device("cpu");
    const int64_t pixels = 4096;
    ConvDesc d{.n = 1, .h = 1, .w = pixels, .c = 8, .k = 8, .r = 1, .s = 1, .in_block = 8, .out_block = 8};
    std::vector<float> x(size_t(pixels * 8)), w(64, 0.0f), y(x.size());
    const std::vector<float> bias(8, 0.0f);
    for (size_t i = 0; i < 8; ++i) w[i * 9] = 1;  // y = silu(x)
    for (size_t i = 0; i < x.size(); ++i) x[i] = (float(i) / float(x.size()) - 0.5f) * 240;
    const auto fused = device->fuse(d, {false, Activation::silu}, {});
    const Memory packed = device->reserve(fused->packed_bytes() + 64),
                 workspace = device->reserve(fused->workspace() + 64);
    fused->pack(w.data(), packed.data(), workspace.data());
    const auto run = [&] {
      fused->run(x.data(), packed.data(), bias.data(), nullptr, y.data(), workspace.data());
    };
    run();
    double off = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double exact = double(x[i]) / (1 + std::exp(-double(x[i])));
      off = std::max(off, (std::abs(double(y[i]) - exact) - 1e-30) / std::abs(exact));
    }
    // exp's argument is rounded, by 80 * log2(e) * 2^-24 * ln 2 at most; then some roundings of 2^-24.
    CHECK(off <= (80 + 8) * 0x1p-24);
    x[3] = NAN;
    run();
    CHECK(std::isnan(y[0]));  // 0 * NaN is added
    CHECK(!std::isnan(y[8]));
  }

  TEST_CASE("a pointwise convolution is the same past the caches") {
    const auto device = open_device("cpu");
    ConvDesc d{.n = 1, .h = 1, .w = 0, .c = 16, .k = 16, .r = 1, .s = 1, .in_block = 16, .out_block = 16};
    const size_t most = bytes_left_to_caches();
    if (most > size_t(1) << 30) return;  // caches that no test fills, or of unknown size
    d.w = int64_t(most / 64) + 3;
    const Memory x = device->reserve(most + 1024), past = device->reserve(most + 1024),
                 through = device->reserve(most + 1024);
    Rng rng(7, Purpose::test, 1);
    for (int64_t i = 0; i < d.w * 16; ++i) reinterpret_cast<float*>(x.data())[i] = rng.uniform();
    std::vector<float> w(256);
    for (float& v : w) v = rng.uniform();
    const auto plan = device->plan(d, Direction::forward, {});
    const Memory workspace = device->reserve(plan->workspace() + 64);
    plan->run(x.data(), w.data(), past.data(), workspace.data());
    plan->run(x.data(), w.data(), through.data() + 4, workspace.data());  // no whole cache lines
    CHECK(std::memcmp(past.data(), through.data() + 4, size_t(d.w) * 64) == 0);
  }

  TEST_CASE("convolutions in groups of one channel are exact on integers, in every storage") {
    for (const int64_t stride : {1, 2})
      for (const int64_t block : {16, 32}) {
        ConvDesc d{.n = 2, .h = 9, .w = 8, .c = 32, .k = 32, .r = 3, .s = 3, .stride = stride, .pad = 1};
        d.groups = 32, d.in_block = d.out_block = block;
        compare<float>(d, 0, 0);
        d.dtype = DType::bf16;
        if (block == 32) compare<Bf16>(d, 0, 0x1p-8);  // rounded once to bf16, as above
      }
  }

  TEST_CASE("3x3 stride 1 goes through Winograd within fp32 rounding, for every border and storage") {
    for (const auto [h, w, pad] :
         {std::array<int64_t, 3>{14, 13, 1}, {4, 4, 1}, {9, 31, 0}, {8, 5, 2}, {3, 37, 1}})
      for (const auto [c, k] : {std::array<int64_t, 2>{32, 48}, {48, 16}, {16, 112}, {80, 64}}) {
        ConvDesc d{.n = 2, .h = h, .w = w, .c = c, .k = k, .r = 3, .s = 3, .pad = pad};
        for (const auto [in_block, out_block] : {std::array<int64_t, 2>{c, k}, {16, k}, {c, 16}, {16, 16}}) {
          if (!ours() && (in_block == c) != (out_block == k)) continue;  // oneDNN has no others
          d.in_block = in_block, d.out_block = out_block;
          compare<float>(d, winograd_loses(d), 0);
        }
        d.dtype = DType::bf16, d.n = 24, d.in_block = c, d.out_block = k;
        compare<Bf16>(d, winograd_loses(d), 0x1p-8);  // y and dx are rounded once to bf16
        for (const Direction direction :
             {Direction::forward, Direction::data_gradient, Direction::weight_gradient})
          for (const DType dtype : {DType::f32, DType::bf16}) {
            d.dtype = dtype;
            CHECK((engine_of(d, direction) == "own winograd:avx512") ==
                  (dtype == DType::f32 ? ours() : ours_in_bf16()));
          }
      }
  }

  TEST_CASE("Winograd takes many tiles and large filters part by part") {
    for (const auto [n, side, c, k] : {std::array<int64_t, 4>{12, 40, 16, 32}, {1, 23, 512, 176}}) {
      ConvDesc d{.n = n, .h = side, .w = side, .c = c, .k = k, .r = 3, .s = 3, .pad = 1};
      d.in_block = d.out_block = 16;
      compare<float>(d, winograd_loses(d), 0);
    }
  }

  TEST_CASE("Winograd leaves to others what it would lose at") {
    ConvDesc narrow{.n = 40, .h = 2, .w = 2, .c = 32, .k = 32, .r = 3, .s = 3, .pad = 1},
        few{.dtype = DType::bf16, .n = 1, .h = 8, .w = 8, .c = 32, .k = 32, .r = 3, .s = 3, .pad = 1};
    for (ConvDesc* d : {&narrow, &few}) {
      d->in_block = d->out_block = 32;
      CHECK(engine_of(*d, Direction::forward) != "own winograd:avx512");
    }
    ConvDesc tight{.n = 8, .h = 8, .w = 8, .c = 32, .k = 32, .r = 3, .s = 3, .pad = 1};
    tight.in_block = tight.out_block = 16;
    const auto device = open_device("cpu");
    for (const Direction direction :
         {Direction::forward, Direction::data_gradient, Direction::weight_gradient})
      CHECK(device->plan(tight, direction, {.workspace_limit = 1 << 16})->workspace() <= 1 << 16);
  }

  TEST_CASE("GEMM is exact on integers, transposed or not, accumulating or not") {
    const auto device = open_device("cpu");
    for (const auto [m, n, k] : {std::array<int64_t, 3>{5, 7, 11}, {64, 128, 512}, {1, 2, 3}})
      for (const int form : {0, 1, 2})
        for (const bool accumulate : {false, true}) {
          const bool ta = form == 1, tb = form == 2;
          const auto a = integers(m * k, 4), b = integers(k * n, 5);
          const std::vector<float> fa(a.begin(), a.end()), fb(b.begin(), b.end());
          std::vector<float> out(size_t(m * n), 5.0f);
          const auto plan = device->plan(
              GemmDesc{
                  .m = m, .n = n, .k = k, .transpose_a = ta, .transpose_b = tb, .accumulate = accumulate},
              {});
          const Memory workspace = device->reserve(plan->workspace() + 64);
          plan->run(fa.data(), fb.data(), out.data(), workspace.data());
          double off = 0;
          for (int64_t i = 0; i < m; ++i)
            for (int64_t j = 0; j < n; ++j) {
              double sum = accumulate ? 5 : 0;
              for (int64_t l = 0; l < k; ++l)
                sum += a[size_t(ta ? l * m + i : i * k + l)] * b[size_t(tb ? j * k + l : l * n + j)];
              off = std::max(off, std::abs(sum - double(out[size_t(i * n + j)])));
            }
          CHECK(off == 0);
        }
  }

  TEST_CASE("reservations are counted and zero") {
    const auto device = open_device("cpu");
    CHECK(device->reserved() == 0);
    {
      const Memory memory = device->reserve(100000);
      CHECK(device->reserved() == 100000);
      CHECK(std::count(memory.data(), memory.data() + 100000, 0) == 100000);
    }
    CHECK(device->reserved() == 0);
  }

  TEST_CASE("an inference takes four images a thread at a time, in equal parts") {
    const auto on_two_threads = open_device("cpu", 2), on_three = open_device("cpu", 3);
    for (const auto& [images, at_a_time] : {std::pair{1, 1}, {8, 8}, {9, 5}, {16, 8}, {20, 7}, {32, 8}})
      CHECK(on_two_threads->inference_batch(images) == at_a_time);
    CHECK(on_three->inference_batch(16) == 8);
    CHECK(on_three->inference_batch(24) == 12);
  }
  TEST_CASE("devices that are not there are refused by name") {
    CHECK_THROWS_AS(open_device("cuda:0"), Error);
    CHECK_THROWS_AS(open_device("tpu"), Error);
  }
}

}  // namespace rc
