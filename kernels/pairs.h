// Who is what to whom in the contrastive loss: anchors, positives and negatives among the batch's rows and
// the synthetic keys (kernels/synthesis.h).
//
// Rows lie in one array K [keys, D]: the batch, then extrapolated rows, then fused rows. Anchors are its
// first A rows: the batch, and under `positives_anchor` the extrapolated rows.
#pragma once

#include <cstdint>

#include "engine/target.h"

namespace rc {

// A key's class is that of the row it was made of: an extrapolated row is a positive of every anchor of that
// class but its source, a fused one a negative of the other class alone. An anchor that is an extrapolated
// row has the batch's other rows of its class as positives.
struct Pairs {
  enum class Kind : uint8_t { none, positive, negative };

  const int32_t* label;  // [batch] 0 real, 1 fake
  const int32_t* rows;   // [positives + negatives, 2] of synthesis.h: x, the row a key is made of, and y.
                         // From `batch` on they are places of the queue of fakes
  int64_t batch, positives = 0, negatives = 0;
  bool positives_anchor = false;  // extrapolated rows are anchors instead of keys
  // Fused keys that were made for one row of the batch are keys of that row alone, and of the anchor that is
  // extrapolated from it, for owner != null; -1 is everyone's.
  const int32_t* owner = nullptr;  // [negatives]
  // Pairs within one tuple of forgery (same background, person or trace), for tuple != null; -1 is no tuple.
  const int32_t* tuple = nullptr;  // [batch]
  float tuple_weight = 1;          // w > 0 of such positives
  float tuple_shift = 0;           // log nu of such negatives

  RC_INLINE int64_t anchors() const { return batch + (positives_anchor ? positives : 0); }
  RC_INLINE int64_t keys() const { return batch + positives + negatives; }
  // The row behind anchor or key j, negative if j is not in use.
  RC_INLINE int64_t source(int64_t j) const { return j < batch ? j : rows[2 * (j - batch)]; }
  RC_INLINE int32_t class_of(int64_t source) const { return source < batch ? label[source] : 1; }
  RC_INLINE Kind kind(int64_t anchor_source, int64_t j) const {
    const int64_t from = source(j);
    if (anchor_source < 0 || from < 0 || from == anchor_source) return Kind::none;
    const bool same = class_of(from) == label[anchor_source];
    if (j < batch) return same ? Kind::positive : Kind::negative;
    if (j < batch + positives) return same && !positives_anchor ? Kind::positive : Kind::none;
    if (owner) {
      const int32_t only = owner[j - batch - positives];
      if (only >= 0 && only != anchor_source) return Kind::none;
    }
    return same ? Kind::none : Kind::negative;
  }
  RC_INLINE bool same_tuple(int64_t i, int64_t j) const {
    return tuple && i < batch && j < batch && tuple[i] >= 0 && tuple[i] == tuple[j];
  }
};

}  // namespace rc
