// Shapes and descriptions of tensors.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "engine/dtype.h"
#include "engine/error.h"

namespace rc {

// Up to four dimensions, outermost first. Activations are [N, H, W, C], filters [K, R, S, C], rows [N, D]; a
// scalar is [1].
class Shape {
 public:
  static constexpr size_t kMaxRank = 4;

  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const int64_t> dims) : rank_(dims.size()) {
    check(rank_ <= kMaxRank, "a shape has at most four dimensions");
    for (size_t i = 0; i < rank_; ++i) dims_[i] = dims[i];
  }

  size_t rank() const { return rank_; }
  int64_t operator[](size_t i) const { return dims_[i]; }
  int64_t back() const { return dims_[rank_ - 1]; }
  std::span<const int64_t> dims() const { return {dims_.data(), rank_}; }
  int64_t numel() const {
    int64_t n = 1;
    for (const int64_t d : dims()) n *= d;
    return n;
  }
  bool operator==(const Shape&) const = default;

  // "16x56x56x64"
  std::string text() const {
    std::string s;
    for (const int64_t d : dims()) s += (s.empty() ? "" : "x") + std::to_string(d);
    return s;
  }

 private:
  std::array<int64_t, kMaxRank> dims_ = {};
  size_t rank_ = 0;
};

// What a tensor is, without its memory. `block` is how many channels (the last dimension) lie side by side: 0
// means all of them, i.e. plain row-major order; 16 is nChw16c; 1 is planar. See kernels/channels.h.
struct TensorDesc {
  DType dtype = DType::f32;
  Shape shape;
  int64_t block = 0;

  size_t bytes() const { return size_t(shape.numel()) * size_of(dtype); }
  int64_t channel_block() const { return block == 0 ? shape.back() : block; }
  bool operator==(const TensorDesc&) const = default;
};

// A description with memory on some device. Does not own it.
struct Tensor : TensorDesc {
  void* data = nullptr;

  template <class T>
  T* as() const {
    check(dtype == dtype_of<T>(), "a tensor is read as another type than it has");
    return static_cast<T*>(data);
  }
};

}  // namespace rc
