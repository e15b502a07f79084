#include "kernels/centre.h"

#include "engine/block.h"
#include "kernels/math.h"
#include "kernels/selection.h"

namespace rc {

inline constexpr float kBeyond = 4;  // farther than any distance

template <class Block>
RC_HD void SeedCentres::operator()(Block block) const {
  bool complete = true, any = false;
  for (int64_t k = 0; k < centres; ++k) {
    complete = complete && started[k];
    any = any || started[k];
  }
  int64_t real = 0;
  for (int64_t n = 0; n < rows; ++n) real += label[n] == 0;
  if (complete || real == 0) return;

  // Each lane keeps the distances of its own rows.
  const auto approach = [&](int64_t k) {
    for (int64_t n = block.lane(); n < rows; n += block.lanes()) {
      float dot = 0;
      for (int64_t d = 0; d < dim; ++d) dot += z[n * dim + d] * centre[k * dim + d];
      nearest[n] = min(nearest[n], 1 - dot);
    }
  };
  for (int64_t n = block.lane(); n < rows; n += block.lanes()) nearest[n] = kBeyond;
  for (int64_t k = 0; k < centres; ++k)
    if (started[k]) approach(k);

  for (int64_t k = 0; k < centres; ++k) {
    if (started[k]) continue;
    float* const seed = centre + k * dim;
    float length = 0;
    if (!any) {
      float square = 0;
      for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
        float sum = 0;
        for (int64_t n = 0; n < rows; ++n)
          if (label[n] == 0) sum += z[n * dim + d];
        seed[d] = sum / float(real);
        square += seed[d] * seed[d];
      }
      length = sqrt(block.sum(square));
      any = true;
    }
    if (length >= kShortestMean) {
      for (int64_t d = block.lane(); d < dim; d += block.lanes()) seed[d] /= length;
    } else {
      const Ranked farthest =
          best_row(block, rows, kFirst, [&](int64_t n) { return label[n] == 0 ? nearest[n] : kNoScore; });
      for (int64_t d = block.lane(); d < dim; d += block.lanes()) seed[d] = z[farthest.row * dim + d];
    }
    block.sync();
    approach(k);
  }
}

template <class Block>
RC_HD void SumReals::operator()(Block block) const {
  const int64_t k = block.index();
  const auto belongs = [&](int64_t n) { return label[n] == 0 && (centre_of ? centre_of[n] == k : k == 0); };
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    float total = 0;
    for (int64_t n = 0; n < rows; ++n)
      if (belongs(n)) total += z[n * dim + d];
    sum[k * dim + d] = total;
  }
  if (block.lane() != 0) return;
  int64_t real = 0;
  for (int64_t n = 0; n < rows; ++n) real += belongs(n);
  count[k] = float(real);
}

template <class Block>
RC_HD void MoveCentres::operator()(Block block) const {
  // Every lane owns its columns from beginning to end, so shared memory needs no barrier of its own.
  float* next = block.template shared<float>(dim);
  const int64_t k = block.index();
  const float* const total = sum + k * dim;
  float* const c = centre + k * dim;
  const float reals = count[k];
  const bool first = started[k] == 0;

  float mean_square = 0, next_square = 0;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) {
    const float mean = reals > 0 ? total[d] / reals : 0;
    next[d] = first ? mean : keep * c[d] + (1 - keep) * mean;
    mean_square += mean * mean;
    next_square += next[d] * next[d];
  }
  const float mean_length = sqrt(block.sum(mean_square)), length = sqrt(block.sum(next_square));
  if (mean_length < kShortestMean || length < kShortestMean) return;
  for (int64_t d = block.lane(); d < dim; d += block.lanes()) c[d] = next[d] / length;
  if (block.lane() == 0) started[k] = 1;
}

template void enter<Target::RC_TARGET>(const SeedCentres&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const SumReals&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const MoveCentres&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   SeedCentres  56  384
//   SumReals     48    0
//   MoveCentres  40  128

}  // namespace rc
