// A data set as decoded pixels in a few large files, which are read where they lie: training from it needs no
// codec and no small file.
//
//   pack.json         what was packed, and how
//   shard-00000.rgb   frames one after the other, each height x width x 3 bytes; 512 frames a shard
//   index.jsonl       the index: frames are "shard-00000.rgb#OFFSET-HEIGHTxWIDTH/NAME", their SHA-256 is that
//   of the
//                     pixels. Written last: without it, a pack is unfinished.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "data/image.h"
#include "data/index.h"
#include "data/resize.h"

namespace rc {

struct PackOptions {
  int size = 0;  // side of the frames; 0: as large as they are
  Resampling resampling = Resampling::pil_bilinear;
  bool replace = false;  // another pack in the folder
  int threads = 1;
};

struct PackReport {
  size_t frames = 0, kept = 0;  // all, and those that an interrupted run had packed already
  uint64_t bytes = 0;
};

// Writes the pack of an index, byte for byte the same for the same frames, whatever interrupted it before and
// for any number of threads. Finished shards of an interrupted run are kept; `done` hears of frames. Throws
// Error(usage) where `out` holds something else and replace is false, Error(data) for a frame that cannot be
// read.
PackReport pack(const Index&, const std::filesystem::path& out, const PackOptions&,
                const std::function<void(size_t done, size_t all)>& done = {});

// A frame of a pack, as its index names it.
struct PackedFrame {
  std::string shard;
  uint64_t offset = 0;
  int height = 0, width = 0;
};
// Nothing where the entry is another file's name.
std::optional<PackedFrame> packed_frame(std::string_view entry);

// Its pixels. Throws Error(data) where the shard is missing or shorter than the frame says, or, if `sha256`
// is given, where they are not those.
Image read_packed(const std::filesystem::path& folder, const PackedFrame&, const std::string& sha256 = {});

}  // namespace rc
