// A clip through a lossy video codec and back: H.264 by libx264, as videos are shared.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/image.h"

namespace rc {

// The clip as an MP4 file, as `ffmpeg -i in -crf CRF -preset PRESET -pix_fmt yuv420p` makes it at 25 frames a
// second: 4:2:0, BT.601, limited range. The same libraries give the same bytes on every machine (one thread,
// no choice by processor). Images must be of one size; odd sides get their last row or column once more, for
// 4:2:0 counts in twos. `crf`: 0 (lossless but for the colours) .. 51. Throws Error(usage) for sizes that
// differ and for values out of range, Error(data) where this libavcodec has no libx264.
std::string encode_mp4(std::span<const Image> clip, int crf, const std::string& preset = "medium");

// What comes back out of encode_mp4: as many images, of the same size. An empty clip comes back empty.
std::vector<Image> reencode(std::span<const Image> clip, int crf, const std::string& preset = "medium");

}  // namespace rc
