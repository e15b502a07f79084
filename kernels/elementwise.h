// Elementwise kernels over flat arrays: no layout, any number of elements.
#pragma once

#include <cstdint>

#include "engine/dtype.h"
#include "engine/launch.h"

namespace rc {

// Elements that one block handles: a fixed geometry, whatever the device.
inline constexpr int64_t kElementsPerBlock = 16384;
inline Grid flat_grid(int64_t n) { return {.blocks = (n + kElementsPerBlock - 1) / kElementsPerBlock}; }

// out = a + b. May overwrite a or b. Reads 2n, writes n elements; n FLOPs.
template <class T>
struct Add {
  const T *a, *b;  // [n]
  T* out;          // [n]
  int64_t n;

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// out = value. Writes n elements.
template <class T>
struct Fill {
  T* out;  // [n]
  T value;
  int64_t n;

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// out = factor * a. May overwrite a. Reads n, writes n elements; n FLOPs.
template <class T>
struct Scale {
  const T* a;  // [n]
  T* out;      // [n]
  float factor;
  int64_t n;

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// out = a + factor * b. May overwrite a or b. Reads 2n, writes n elements; 2n FLOPs.
template <class T>
struct AddScaled {
  const T *a, *b;  // [n]
  T* out;          // [n]
  float factor;
  int64_t n;

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// out = max(a, 0); NaN stays NaN. May overwrite a. Reads n, writes n elements.
template <class T>
struct Relu {
  const T* a;  // [n]
  T* out;      // [n]
  int64_t n;

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// da = dy where y > 0, else 0; y is Relu's output. May overwrite dy. Reads 2n, writes n elements.
template <class T>
struct ReluBackward {
  const T *y, *dy;  // [n]
  T* da;            // [n]
  int64_t n;

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// out = a in another precision, to nearest even. Reads n, writes n elements.
template <class From, class To>
struct Cast {
  const From* a;  // [n]
  To* out;        // [n]
  int64_t n;

  Grid grid() const { return flat_grid(n); }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
