// Mean and sum of squared deviations of values that come a few at a time. Included by bodies alone.
#pragma once

#include "kernels/registers.h"

namespace rc {

// Of `count` values of every channel of a W.
template <class W>
struct Moments {
  float count = 0;
  typename W::Type mean = W::of(0), squares = W::of(0);

  // Joins the first n of v, n > 0, about their own mean, so that no large sums cancel: the deviations of two
  // sets add up, and those of their means from each other are added (Chan, Golub and LeVeque 1983).
  template <int most>
  RC_INLINE void add(const typename W::Type (&v)[most], int n) {
    auto centre = W::of(0), own = W::of(0);
    const auto each = [&](auto body) RC_WRITTEN_OUT {
      unrolled<most>([&](auto i) RC_WRITTEN_OUT {
        if (n == most || i < n) body(v[i]);
      });
    };
    each([&](const auto& one) RC_WRITTEN_OUT { centre = centre + one; });
    centre = centre / float(n);
    each([&](const auto& one) RC_WRITTEN_OUT {
      const auto away = one - centre;
      own = fma(away, away, own);
    });
    const float all = count + float(n);
    const auto apart = centre - mean;
    mean = fma(apart, W::of(float(n) / all), mean);
    squares = squares + fma(apart * apart, W::of(count * (float(n) / all)), own);
    count = all;
  }
};

}  // namespace rc
