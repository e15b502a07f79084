#include "engine/host/direct.h"

#include <vector>

#include "engine/host/caches.h"
#include "engine/host/convolution.h"
#include "engine/host/isa.h"
#include "engine/host/product.h"

namespace rc {
namespace {

// A filter in the order of its use: panel by panel [depth, 16 * width], filled up with zeros.
size_t packed_bytes(const Product& product) {
  return size_t(product.panels.vectors() * kVector * product.depth) * sizeof(float);
}
float* packed_panel(const Product& product, float* packed, int64_t panel) {
  return packed + product.panels.begin(panel) * kVector * product.depth;
}

// A product that makes all of a convolution's results, or some of them, and what it takes of the filter:
// w(c, k) lies at c * by_depth + k * by_channel from a tap on; either is 1.
struct Part {
  Product product;
  int64_t by_depth, by_channel;
  int64_t first_tap = 0, tap_row = 0, tap = 0;  // of a window's first pixel; to the next row's, the next's
  int64_t out = 0;                              // where the first result is

  // Where block `i` of 16 c begins.
  int64_t in_filter(int64_t i) const {
    const int64_t t = i % product.taps, columns = product.windows.columns;
    return first_tap + t / columns * tap_row + t % columns * tap + i / product.taps * kVector * by_depth;
  }
};

// Puts what a part takes of the filter w into the order of its use.
void pack(const Part& part, const float* w, float* packed) {
  const Product& product = part.product;
  const int64_t depth = product.depth, blocks = (depth + kVector - 1) / kVector;
  shared_out(product.panels.count() * blocks, [&](int64_t first, int64_t end) {
    for (int64_t i = first; i < end; ++i) {
      const int64_t panel = i / blocks, block = i % blocks, c0 = block * kVector,
                    some = std::min(kVector, depth - c0);
      const int64_t k0 = product.panels.begin(panel) * kVector, all = product.panels.width(panel) * kVector;
      const int64_t there = std::min(all, product.panels.channels - k0);
      const float* from = w + part.in_filter(block) + k0 * part.by_channel;
      float* to = packed_panel(product, packed, panel) + c0 * all;
      if (part.by_depth == 1) {
        for (int64_t k = 0; k < all; k += kVector)
          transpose(from + k * part.by_channel, part.by_channel, there - k, some, to + k, all, kVector);
      } else {
        for (int64_t c = 0; c < some; ++c)
          std::fill(std::copy_n(from + c * part.by_depth, there, to + c * all), to + (c + 1) * all, 0.0f);
      }
    }
  });
}

Chunks chunks_of(const Product& product, int64_t each) { return {product.rows, product.in.pixels, each}; }

constexpr int64_t kDepthInTraining = 128;  // channels that are worth it in bf16
constexpr int64_t kBlock = 96;             // pixels
constexpr int64_t kChunk = 4 * kBlock;     // that have moments together

// Blocks of pixels, which the caches hold while each panel of the filter, which they hold as well, passes
// over them. Threads part them by chunks, of a block if nobody wants moments.
template <class T>
void multiply(Product product, const T* in, float* packed, const float* bias, const T* residual, T* out,
              float* moments = nullptr) {
  const Chunks chunks = chunks_of(product, moments ? kChunk : kBlock);
  const int64_t panels = product.panels.count(), channels = product.panels.channels;
  if (reinterpret_cast<uintptr_t>(out) % 64 != 0) product.past_caches = false;
  const auto run = [&](int64_t chunk, int64_t p, int64_t panel) {
    const int64_t n = chunk / chunks.per_image(), before = chunk % chunks.per_image() * chunks.each;
    const int64_t vector = product.panels.begin(panel), to = product.out.at(n, before + p, vector);
    Operands<T> at{reinterpret_cast<const float*>(in) + product.in.at(n, before + p, 0),
                   packed_panel(product, packed, panel),
                   bias ? bias + vector * kVector : nullptr,
                   residual ? residual + to : nullptr,
                   out + to,
                   before + p};
    if (moments) {
      float* mean = moments + chunk * channels + vector * kVector;
      at.moments = {mean, mean + chunks.count() * channels, p};
    }
    const int width = product.panels.width(panel);
    const auto tiles = product.windowed() ? tiles_of<T, true>(width) : tiles_of<T, false>(width);
    tiles(product, at, product.panels.last(panel),
          std::min(kBlock, chunks.size(chunk % chunks.per_image()) - p));
  };
  shared_out(chunks.count() * panels, [&](int64_t first, int64_t end) {
    for (int64_t i = first, some; i < end; i += some) {
      const int64_t chunk = i / panels, panel = i % panels;
      some = std::min(panels - panel, end - i);
      for (int64_t p = 0; p < chunks.size(chunk % chunks.per_image()); p += kBlock)
        for (int64_t other = 0; other < some; ++other) run(chunk, p, panel + other);
    }
    _mm_sfence();  // what went past the caches is seen by all
  });
}

bool applies(const ConvDesc& d, Direction direction) {
  if (host_target() != Target::avx512 || d.dtype != DType::f32) return false;
  if (direction == Direction::weight_gradient) return false;
  const int64_t summed = direction == Direction::forward ? d.c : d.k;
  const bool strided = d.stride > 1 && d.r * d.s > 1 && d.r * d.s <= 64 && summed % kVector == 0;
  return pointwise(d) ||
         (strided && d.groups == 1 && by_vectors(d.c, d.in_block) && by_vectors(d.k, d.out_block));
}
bool applies_in_pairs(const ConvDesc& d) {
  return own_bf16() && d.dtype == DType::bf16 && pointwise(d) && d.c % 2 == 0 && d.in_block == d.c &&
         d.out_block == d.k;
}
// Two channels as one value.
ConvDesc of_pairs(ConvDesc d) {
  d.c /= 2, d.in_block /= 2;
  return d;
}

// From 16 channels of an image to the next 16. Products over windows find rows and pixels by themselves: in
// their Stored these steps are 0.
int64_t vector_step(int64_t pixels, int64_t block) { return block == kVector ? pixels * kVector : kVector; }
bool goes_past_caches(int64_t results, int64_t block) {
  return size_t(results) * sizeof(float) > bytes_left_to_caches() && block == kVector;
}

Part pointwise_part(const ConvDesc& d, Direction direction) {
  const bool forward = direction == Direction::forward;
  const Stored x = in_of_pointwise(d), y = out_of_pointwise(d), out = forward ? y : x;
  return {.product = {.rows = d.n * out.rows,
                      .depth = forward ? d.c : d.k,
                      .taps = 1,
                      .in = forward ? x : y,
                      .out = out,
                      .panels = {forward ? d.k : d.c},
                      .past_caches = out.pixel == kVector && goes_past_caches(d.n * out.image, kVector)},
          .by_depth = forward ? 1 : d.c,
          .by_channel = forward ? d.c : 1};
}

Part strided_part(const ConvDesc& d) {
  const int64_t taps = d.r * d.s, results = d.p() * d.q(), block = d.out_block;
  return {.product = {.rows = d.n,
                      .depth = taps * d.c,
                      .taps = taps,
                      .in = {1, results, d.h * d.w * d.c, 0, 0, vector_step(d.h * d.w, d.in_block)},
                      .out = {1, results, results * d.k, 0, 0, vector_step(results, block)},
                      .panels = {d.k},
                      .past_caches = goes_past_caches(d.n * results * d.k, block),
                      .windows = {d.h, d.w, d.in_block, d.r, d.s, d.stride, d.pad, d.pad, d.q(),
                                  d.q() * block, block}},
          .by_depth = 1,
          .by_channel = taps * d.c,
          .tap_row = d.s * d.c,
          .tap = d.c};
}

// Along one side, what leaves `rest` when its place in the padded image is divided by the stride: it meets
// taps rest, rest + stride, ..., from the nearest row of dy backwards.
struct Remainder {
  int64_t first, count;  // of dx
  int64_t taps, before;  // met; rows of padding that dy begins with, for the first

  Remainder(int64_t rest, int64_t size, int64_t filter, int64_t stride, int64_t pad)
      : first(((rest - pad) % stride + stride) % stride),
        count(first < size ? (size - 1 - first) / stride + 1 : 0),
        taps(rest < filter ? (filter - 1 - rest) / stride + 1 : 0),
        before(taps - 1 - (first + pad - rest) / stride) {}
};

Part gradient_part(const ConvDesc& d, int64_t of_row, int64_t of_column) {
  const Remainder h(of_row, d.h, d.r, d.stride, d.pad), w(of_column, d.w, d.s, d.stride, d.pad);
  const int64_t taps = h.taps * w.taps, results = h.count * w.count, block = d.in_block;
  const int64_t last_row = of_row + (h.taps - 1) * d.stride, last = of_column + (w.taps - 1) * d.stride;
  return {.product = {.rows = d.n,
                      .depth = taps * d.k,
                      .taps = taps,
                      .in = {1, results, d.p() * d.q() * d.k, 0, 0, vector_step(d.p() * d.q(), d.out_block)},
                      .out = {1, results, d.h * d.w * d.c, 0, 0, vector_step(d.h * d.w, block)},
                      .panels = {d.c},
                      .past_caches = goes_past_caches(d.n * d.h * d.w * d.c, block),
                      .windows = {d.p(), d.q(), d.out_block, h.taps, w.taps, 1, h.before, w.before, w.count,
                                  d.stride * d.w * block, d.stride * block}},
          .by_depth = d.r * d.s * d.c,
          .by_channel = 1,
          .first_tap = (last_row * d.s + last) * d.c,
          .tap_row = -d.stride * d.s * d.c,
          .tap = -d.stride * d.c,
          .out = (h.first * d.w + w.first) * block};
}

std::vector<Part> parts_of(const ConvDesc& d, Direction direction) {
  if (pointwise(d)) return {pointwise_part(d, direction)};
  if (direction == Direction::forward) return {strided_part(d)};
  std::vector<Part> parts;
  for (int64_t h = 0; h < d.stride; ++h)
    for (int64_t w = 0; w < d.stride; ++w)
      if (const Part part = gradient_part(d, h, w); part.product.taps * part.product.in.pixels > 0)
        parts.push_back(part);
  return parts;
}
constexpr const char* kPairs = "own 1x1:avx512_bf16";
std::string name_of(const ConvDesc& d) { return pointwise(d) ? "own 1x1:avx512" : "own strided:avx512"; }

template <class T>
class DirectPlan : public Plan {
 public:
  DirectPlan(const ConvDesc& d, Direction direction, std::string name)
      : forward_(direction == Direction::forward),
        parts_(parts_of(d, direction)),
        name_(std::move(name)),
        unmet_(direction == Direction::data_gradient && d.stride > std::min(d.r, d.s) ? d.n * d.h * d.w * d.c
                                                                                      : 0) {}
  std::string engine() const override { return name_; }
  size_t workspace() const override {
    size_t bytes = 0;
    for (const Part& part : parts_) bytes += packed_bytes(part.product);
    return bytes;
  }
  Chunks chunks() const override { return forward_ ? chunks_of(parts_[0].product, kChunk) : Plan::chunks(); }
  void run(const void* in, const void* w, void* out, void* workspace) override {
    run_parts(in, w, out, nullptr, workspace);
  }
  void run_with_moments(const void* x, const void* w, void* y, float* moments, void* workspace) override {
    if (!forward_) return Plan::run_with_moments(x, w, y, moments, workspace);
    run_parts(x, w, y, moments, workspace);
  }

 private:
  void run_parts(const void* in, const void* w, void* out, float* moments, void* workspace) {
    float* packed = static_cast<float*>(workspace);
    T* result = static_cast<T*>(out);
    shared_out(unmet_, [&](int64_t first, int64_t end) { std::fill(result + first, result + end, T{}); });
    for (const Part& part : parts_) {
      pack(part, static_cast<const float*>(w), packed);
      multiply<T>(part.product, static_cast<const T*>(in), packed, nullptr, nullptr, result + part.out,
                  moments);
      packed += packed_bytes(part.product) / sizeof(float);
    }
  }

  bool forward_;
  std::vector<Part> parts_;
  std::string name_;
  int64_t unmet_;  // values of a result of which the filter meets but some pixels: zeros but there
};

// The filter of a convolution in bf16 is packed by pairs of channels, as if they were floats.
template <class T>
class DirectFused : public FusedConvolution {
 public:
  DirectFused(const ConvDesc& d, const Epilogue& epilogue, std::string name)
      : part_(parts_of(d, Direction::forward)[0]), name_(std::move(name)) {
    part_.product.activation = epilogue.activation;
  }
  std::string engine() const override { return name_; }
  size_t workspace() const override { return 0; }
  size_t packed_bytes() const override { return rc::packed_bytes(part_.product); }
  void pack(const void* w, void* packed, void*) override {
    rc::pack(part_, static_cast<const float*>(w), static_cast<float*>(packed));
  }
  void run(const void* x, const void* packed, const float* bias, const void* residual, void* y,
           void*) override {
    multiply(part_.product, static_cast<const T*>(x), static_cast<float*>(const_cast<void*>(packed)), bias,
             static_cast<const T*>(residual), static_cast<T*>(y));
  }

 private:
  Part part_;
  std::string name_;
};

}  // namespace

std::unique_ptr<Plan> direct_plan(const ConvDesc& d, Direction direction, const Policy& policy) {
  std::unique_ptr<Plan> plan;
  if (direction == Direction::forward && applies_in_pairs(d) && d.c >= kDepthInTraining)
    plan = std::make_unique<DirectPlan<Bf16>>(of_pairs(d), direction, kPairs);
  else if (applies(d, direction))
    plan = std::make_unique<DirectPlan<float>>(d, direction, name_of(d));
  return plan && plan->workspace() <= policy.workspace_limit ? std::move(plan) : nullptr;
}

std::unique_ptr<FusedConvolution> direct_fused(const ConvDesc& d, const Epilogue& epilogue) {
  if (epilogue.activation == Activation::sigmoid) return nullptr;
  if (applies_in_pairs(d)) return std::make_unique<DirectFused<Bf16>>(of_pairs(d), epilogue, kPairs);
  if (!applies(d, Direction::forward)) return nullptr;
  return std::make_unique<DirectFused<float>>(d, epilogue, name_of(d));
}

}  // namespace rc
