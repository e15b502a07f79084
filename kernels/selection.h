// Selection: the best rows one after the other, the same for any number of lanes. Included by .cc files
// alone.
#pragma once

#include <cstdint>

#include "engine/block.h"

namespace rc {

inline constexpr float kNoScore = -3e38f;  // of a row that is no candidate; no more than that is NaN

// A place in the order of rows: the larger score first, the lower row of equals.
struct Ranked {
  float score;
  int32_t row;
};
inline constexpr Ranked kFirst = {3e38f, -1};  // before every row

// The first candidate after `last` in that order, for every lane; score kNoScore if there is none. Lanes see
// `score(row)` of their own rows only. One pass over the rows.
template <class Block, class Score>
RC_INLINE Ranked best_row(Block& block, int64_t rows, Ranked last, Score score) {
  constexpr int32_t kNone = 0x7fffffff;
  Ranked best = {kNoScore, kNone};
  for (int64_t i = block.lane(); i < rows; i += block.lanes()) {
    const float s = score(i);
    const bool later = s < last.score || (s == last.score && i > last.row);
    if (later && s > best.score) best = {s, int32_t(i)};
  }
  const float top = block.max(best.score);
  return {top, -block.max(best.score == top ? -best.row : -kNone)};
}

// Writes the first `count` candidates in that order, and -1 from where there are no more up to `capacity`.
template <class Block, class Score>
RC_INLINE void pick_best(Block& block, int64_t rows, int64_t count, int64_t capacity, int32_t* picked,
                         Score score) {
  Ranked last = kFirst;
  int64_t k = 0;
  for (; k < count && k < capacity; ++k) {
    last = best_row(block, rows, last, score);
    if (last.score == kNoScore) break;
    if (block.lane() == 0) picked[k] = last.row;
  }
  for (k += block.lane(); k < capacity; k += block.lanes()) picked[k] = -1;
}

}  // namespace rc
