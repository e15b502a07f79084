// The loss of contrastive.h and its gradient without the [anchors, keys] matrix: similarities are computed
// tile by tile, used, and computed again for the gradient. Memory grows with keys, not with their square.
//
// Both passes walk pairs of tiles, 64 rows of K each, and every pair is met once: its similarities serve the
// rows of either tile as anchors of the other's, since s_ab = s_ba. That makes
//   sums      2 D FLOPs per unordered pair of rows and one exponential for either as the anchor, or for both
//             at once on tensor cores (all twice for the form D2)
//   gradient  dK_a += C_ab K_b and dK_b += C_ab K_a, C_ab = G_ab + G_ba: 6 D FLOPs, one exponential
// or 4 keys^2 D FLOPs for both, where matrices take 6 anchors keys D (contrastive.h). So that no two blocks
// of a launch write the same rows, pairs of tiles are played as the rounds of a tournament: round -1 pairs
// each tile with itself, round r of the others pairs it with another (the circle method), one launch a round.
//
// Bits depend on the shape alone: a dot product is a chain of fma over d, a row's sums are four chains over
// every fourth key of a tile, joined in order and added tile after tile in the order of the rounds, and a
// gradient is a chain of fma over the other tile's rows. Lanes, threads and vector lengths change none of it.
//
// The log-sum-exp is online, tile after tile, but needs no running maximum: rows of unit length bound u,
// `fits` says whether e^u cannot leave the range of floats, and within that range a sum of e^u is as exact as
// one of e^(u - max), since scaling by a power of e moves exponents, not digits. What a maximum would cost: a
// rescaling of the sums at every tile, and a second exponential a pair in the gradient, whose two rows would
// have two maxima.
//
// The rows come in one of two ways. FloatRows are multiplied by vectors. Bf16Rows are bf16, for
// tensor cores: blocks that have them run a body of their own (contrastive_mma.h), others plain loops, its
// reference.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/dtype.h"
#include "engine/launch.h"
#include "kernels/contrastive.h"

namespace rc {

inline constexpr int64_t kPairTile = 64;  // rows of a tile
inline constexpr int64_t kPanel = 32;     // rows whose values of one dimension lie side by side
inline constexpr int64_t kBundle = 8;     // dimensions whose values lie side by side, row after row
inline constexpr int64_t kChains = 4;     // partial sums of a row in a tile

// What both passes need to know.
struct FusedContrast {
  Pairs pairs;
  int64_t dim;
  ContrastiveForm form = ContrastiveForm::joint;
  MarginRule margin = MarginRule::of(Margin::cosine, 0.2f);
  float temperature = 0.1f;  // tau

  RC_INLINE int64_t tiles() const { return (pairs.keys() + kPairTile - 1) / kPairTile; }
  // The arrays below hold whole tiles of rows, and whole bundles of dimensions.
  RC_INLINE int64_t rows() const { return tiles() * kPairTile; }
  RC_INLINE int64_t dims() const { return (dim + kBundle - 1) / kBundle * kBundle; }
  // And of rows in bf16, whole squares.
  RC_INLINE int64_t square_dims() const { return (dim + kPairTile - 1) / kPairTile * kPairTile; }
  // Whether |u| stays below 70, so that e^u, its sum over 10^7 keys and the reciprocals are normal floats. (A
  // row that was rounded to bf16 may be longer than 1 by 2^-8; with 70.6 they still are.)
  bool fits() const { return (1 + std::abs(margin.m)) / temperature + std::abs(pairs.tuple_shift) <= 70; }
};

// The round of a launch over pairs of tiles.
struct PairRound {
  int64_t tiles, round = -1;

  RC_INLINE int64_t seats() const { return (tiles + 1) / 2 * 2; }
  int64_t rounds() const { return seats() - 1; }  // after round -1
  int64_t blocks() const { return round < 0 ? tiles : seats() / 2; }
  // The tiles that meet in a block; one that is not below `tiles` is absent.
  RC_INLINE int64_t first(int64_t block) const { return round < 0 ? block : (round + block) % (seats() - 1); }
  RC_INLINE int64_t second(int64_t block) const {
    if (round < 0) return block;
    return block == 0 ? seats() - 1 : (round + seats() - 1 - block) % (seats() - 1);
  }
};
// Runs a kernel that has a PairRound over all pairs of tiles: run(kernel) launches it.
template <class Kernel, class Run>
void each_round(Kernel kernel, const Run& run) {
  const int64_t rounds = kernel.at.tiles > 1 ? kernel.at.rounds() : 0;
  for (kernel.at.round = -1; rounds > kernel.at.round; ++kernel.at.round) run(kernel);
}

// The rows as floats in the two orders that products read them in.
struct FloatRows {
  const float* panel;   // [rows() / kPanel, dims(), kPanel]
  const float* bundle;  // [tiles(), dims() / kBundle, kPairTile, kBundle], of PairGradient alone

  static constexpr size_t kOperand = 0;
};
// The rows rounded to bf16. PairGradient rounds C as well.
struct Bf16Rows {
  const Bf16* row;  // [rows(), square_dims()]

  static constexpr size_t kOperand = kPairTile * kPairTile * sizeof(Bf16);  // bytes of C as such
};

// Fills FloatRows, zero beyond the last row and dimension. Reads keys * dim, writes 2 rows() * dims()
// elements.
template <class T>
struct PackRows {
  FusedContrast contrast;
  const T* key;   // [keys, dim]
  float* panel;   // of FloatRows
  float* bundle;  // of FloatRows, or null: not wanted

  Grid grid() const { return {.blocks = contrast.rows() / kPanel}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Fills Bf16Rows, zero beyond the last row and dimension. Reads keys * dim, writes rows() * square_dims()
// elements.
struct RoundRows {
  FusedContrast contrast;
  const float* key;  // [keys, dim]
  Bf16* row;         // of Bf16Rows

  Grid grid() const { return {.blocks = contrast.tiles()}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// What is summed over the keys of an anchor: arrays of rows() floats, one after the other.
enum RowSum : int {
  kDenominator,  // e^u over all keys in D1, over the negatives in D2
  kPull,         // w u over the positives in D1, w log(1 + E e^{-u}) in D2
  kPush,         // w / (e^u + E) over the positives, in D2
  kWeight,       // w over the positives
  kPositives,    // their number
  kCosine,       // their cosines
  kHardest,      // the largest cosine of the negatives
  kRowSums
};
// What the gradient needs of an anchor: arrays of rows() floats, zero for rows that are no anchor or have no
// positive. With g = scalars[kObjectiveWeight] / (counted anchors * tau):
enum SavedRow : int {
  kSavedPositive,  // g / W
  kSavedNegative,  // g / Z in D1, g / W sum_p w_p / (e^u_p + E) in D2
  kSavedRepelled,  // E in D2
  kSavedRows
};

// Shared memory of a pair of tiles: its similarities, and what its rows are to each other.
inline constexpr size_t kPairBytes =
    (kPairTile * kPairTile + 2 * (6 + kSavedRows) * kPairTile) * sizeof(float);

// D1 is one sweep. D2 needs E for the rest: SumPairs and FinishRows of the first sweep, then of the second.
enum class PairSweep : uint8_t { joint, first, second };

// The sums of one round. One block a pair of tiles.
template <class Rows>
struct SumPairs {
  FusedContrast contrast;
  PairRound at;
  Rows rows;
  const float* saved;  // [kSavedRows, rows()], read in the second sweep
  float* sums;         // [kRowSums, rows()], first written in round -1
  PairSweep sweep = PairSweep::joint;

  static constexpr int kLanes = 256;
  static constexpr size_t kShared = kPairBytes + kRowSums * kChains * kPairTile * sizeof(float);
  Grid grid() const { return {.blocks = at.blocks()}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// From an anchor's sums to its loss, what ContrastiveSummary takes, and what the gradient needs. Reads
// kRowSums, writes kSavedRows + 3 elements an anchor.
struct FinishRows {
  FusedContrast contrast;
  const float* scalars;    // kObjectiveWeight: the share beta of this loss in the total
  const float* sums;       // [kRowSums, rows()]
  float* saved;            // [kSavedRows, rows()]
  float* loss;             // [anchors] unscaled
  float* positive_cosine;  // [anchors] mean over the positives, 0 without any
  float* negative_cosine;  // [anchors] largest of the negatives, -1 without any
  PairSweep sweep = PairSweep::joint;

  static constexpr int kLanes = 64;
  Grid grid() const { return {.blocks = contrast.tiles()}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// The gradient's part of one round; round -1 writes it, the others add to it. One block a pair of tiles.
template <class Rows>
struct PairGradient {
  FusedContrast contrast;
  PairRound at;
  Rows rows;
  const float* saved;  // [kSavedRows, rows()]
  float* gradient;     // [rows(), dims()] in panels

  static constexpr int kLanes = 256;
  static constexpr size_t kShared = kPairBytes + Rows::kOperand;
  Grid grid() const { return {.blocks = at.blocks()}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

// Float rows back to rows side by side. Reads and writes keys * dim elements.
struct UnpackRows {
  FusedContrast contrast;
  const float* panel;
  float* key;  // [keys, dim]

  static constexpr int kLanes = 128;
  Grid grid() const { return {.blocks = contrast.pairs.keys()}; }
  template <class Block>
  RC_HD void operator()(Block block) const;
};

}  // namespace rc
