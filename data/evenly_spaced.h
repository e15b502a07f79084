// Which frames of a video are used: so many of them, evenly spaced.
#pragma once

#include <cstdint>
#include <vector>

#include "data/index.h"

namespace rc {

// `wanted` numbers of `have` frames from the first to the last, as DeepfakeBench's preprocessing picks them,
// np.linspace(0, have - 1, wanted, dtype=int): floor(i * ((have - 1) / (wanted - 1))) in doubles, and the
// last for the last; 0 alone for one. Ascending; where there are fewer than wanted, some come several times.
std::vector<int64_t> spaced_numbers(int64_t have, int64_t wanted);

// Whose length the frames of a fake are spaced over.
enum class Spacing {
  own,    // its own
  target  // its target's, as far as the fake goes: pairs need frames of the same numbers
};

// At most `frames` frames of each video; 0: all. A video file, the one entry of its row, is replaced by
// entries of its frames ("a/071.mp4#120"), counted by decoding on all cores. One that cannot be read or has
// no frame is left out, one that breaks off is good up to there; both become remarks. Else the index as it
// is, hash included. Throws Error(data) where files must be decoded and libav is missing, and when no video
// is left.
Index evenly_spaced(Index, int frames, Spacing = Spacing::own);

}  // namespace rc
