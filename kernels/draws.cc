#include "kernels/draws.h"

#include "engine/block.h"
#include "engine/rng.h"
#include "kernels/math.h"
#include "kernels/scalars.h"
#include "kernels/synthesis.h"

namespace rc {

// Kinds of keys, each with 2^28 streams of random numbers. Part of every run's reproducibility: append only.
enum class Drawn : uint32_t { real, fake, pair, with_centre };
RC_INLINE Rng stream(uint64_t seed, uint32_t step, Drawn kind, int64_t place) {
  return {seed, Purpose::synthesis, step, uint32_t(kind) << 28 | uint32_t(place)};
}

// Beta(2, 2) as a ratio of two Gamma(2) variables.
RC_INLINE float beta22(Rng& rng) {
  const float a = -log(rng.uniform_open0() * rng.uniform_open0());
  const float b = -log(rng.uniform_open0() * rng.uniform_open0());
  return a + b > 0 ? a / (a + b) : 0.5f;
}

template <class Block>
RC_HD void DrawExtrapolations::operator()(Block block) const {
  const bool on = scalars[kHardPositives] != 0;
  for (int64_t k = block.lane(); k < keys(); k += block.lanes()) {
    const bool real = k < reals;
    Rng rng = stream(seed, *step, real ? Drawn::real : Drawn::fake, real ? k : k - reals);
    const float beta = beta22(rng);
    rows[2 * k] = on ? marginal[k] : kUnused;
    rows[2 * k + 1] = kCentre;
    weight[k] = real ? 1 + beta : 1 - beta / 2;
  }
}

template <class Block>
RC_HD void DrawFusions::operator()(Block block) const {
  const bool on = scalars[kHardNegatives] != 0;
  const int64_t each = pairs + with_centre, first = block.index() * kKeys, last = min(first + kKeys, keys);
  for (int64_t k = first + block.lane(); k < last; k += block.lanes()) {
    const int64_t set = k / each, place = k % each;
    const int32_t* const from = hard + set * set_rows;
    uint32_t count = 0;
    while (on && count < set_rows && from[count] >= 0) ++count;

    int32_t x = kUnused, y = kCentre;
    if (place < pairs) {
      Rng rng = stream(seed, *step, Drawn::pair, set * pairs + place);
      weight[k] = rng.uniform();
      if (count >= 2) {
        const uint32_t i = rng.below(count), other = rng.below(count - 1);
        x = from[i];
        y = from[other + (other >= i)];
      }
    } else {
      Rng rng = stream(seed, *step, Drawn::with_centre, set * with_centre + place - pairs);
      weight[k] = 1 - rng.uniform(0, 0.5f);
      if (count >= 1) x = from[rng.below(count)];
      if (x >= 0 && x < batch && label[x] == 0) x = kUnused;  // a real
    }
    rows[2 * k] = x;
    rows[2 * k + 1] = y;
    if (owner) owner[k] = int32_t(set);
  }
}

template void enter<Target::RC_TARGET>(const DrawExtrapolations&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const DrawFusions&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   DrawExtrapolations  32  0
//   DrawFusions         32  0

}  // namespace rc
