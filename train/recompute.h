// Activation checkpointing (Chen et al., arXiv 1604.06174): which blocks of the backbone are computed again
// for the backward pass. "none", "blocks" (all), a number of blocks from the input on, or "auto:BYTES": the
// fewest with which a step takes at most so much memory. Results are the same bits.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "train/config.h"
#include "train/traced_step.h"

namespace rc {

struct Recompute {
  int blocks = 0;                 // from the input on; more than there are: all
  std::optional<size_t> at_most;  // bytes that a step may take; then `blocks` is open
};

// Nothing where the text is none of the forms. BYTES are a number with or without K, M, G or KiB, MiB, GiB,
// all of them powers of 1024.
std::optional<Recompute> recompute_of(const std::string& text);

// The configuration with "auto:BYTES" resolved to a number of blocks on that device, others unchanged. Throws
// Error(memory) that says what the step takes where even all blocks are too few.
Config with_recompute_chosen(Device&, Config);

// "8 of 8 blocks: the arena takes 270 MiB instead of 420, 33 % more FLOPs"; empty where no block is computed
// again. Traces the step once more, without.
std::string recompute_text(const Program&, const Config&);

}  // namespace rc
