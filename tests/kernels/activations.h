// Test data for kernels over activations: shapes in every storage, and values put into that storage.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/dtype.h"
#include "engine/rng.h"
#include "kernels/channels.h"

namespace rc {

// NHWC, nChw16c and planar; channels that fill vectors, that leave tails, and one alone; one pixel and
// several chunks of them.
inline std::vector<Channels> every_storage() {
  std::vector<Channels> all;
  for (const int64_t c : {1, 3, 16, 64, 92, 728})
    for (const int64_t p : {1, 49, 300}) {
      const int64_t n = p == 1 ? 1 : c == 728 ? 2 : 3;
      all.push_back({n, p, c, c});
      if (c % 16 == 0 && c != 16) all.push_back({n, p, c, 16});
      if (c != 1 && c < 64) all.push_back({n, p, c, 1});
    }
  return all;
}

// Values of [N, P, C] in NHWC order as the shape stores them, and back.
template <class T, class From>
std::vector<T> stored(const std::vector<From>& nhwc, const Channels& shape) {
  std::vector<T> out(nhwc.size());
  size_t i = 0;
  for (int64_t n = 0; n < shape.images; ++n)
    for (int64_t p = 0; p < shape.pixels; ++p)
      for (int64_t c = 0; c < shape.channels; ++c) out[size_t(shape.at(n, p, c))] = T(float(nhwc[i++]));
  return out;
}
template <class T>
std::vector<double> nhwc(const std::vector<T>& stored, const Channels& shape) {
  std::vector<double> out(stored.size());
  size_t i = 0;
  for (int64_t n = 0; n < shape.images; ++n)
    for (int64_t p = 0; p < shape.pixels; ++p)
      for (int64_t c = 0; c < shape.channels; ++c)
        out[i++] = double(float(stored[size_t(shape.at(n, p, c))]));
  return out;
}

// Whole numbers from lo to hi, and reals, each a float.
inline std::vector<double> integers(int64_t n, int lo, int hi, uint32_t stream) {
  Rng rng(5, Purpose::test, stream);
  std::vector<double> out(static_cast<size_t>(n));
  for (double& x : out) x = lo + int(rng.below(uint32_t(hi - lo + 1)));
  return out;
}
inline std::vector<double> reals(int64_t n, float lo, float hi, uint32_t stream) {
  Rng rng(6, Purpose::test, stream);
  std::vector<double> out(static_cast<size_t>(n));
  for (double& x : out) x = double(rng.uniform(lo, hi));
  return out;
}
inline std::vector<float> floats(const std::vector<double>& x) { return {x.begin(), x.end()}; }

// The largest |got - want| / bound.
inline double worst_share(const std::vector<double>& got, const std::vector<double>& want,
                          const std::vector<double>& bound) {
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double share = std::abs(got[i] - want[i]) / bound[i];
    worst = share > worst || share != share ? share : worst;
  }
  return worst;
}

}  // namespace rc
