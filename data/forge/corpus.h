// A corpus of real and forged frames, laid out as an FF++ tree, so that whatever reads FF++ reads it:
//   original_sequences/youtube/c23/frames/NNN/FFF.jpg
//   manipulated_sequences/<method>/c23/frames/<target>_<source>/FFF.jpg
//   splits/{train,val,test}.json   manifest.json   SHA256SUMS   preview.png
//   SOURCE.txt, LICENSE.txt of the portraits
// Real and forged frames take the same path from the 8-bit frame on: the same scaling, the same codec,
// qualities drawn from one distribution.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rc {

struct CorpusOptions {
  int frames = 6;      // per person and per fake
  float strength = 1;  // 0: nothing is forged, 1: as each method does it
  uint64_t seed = 1;
  int quality = 90;                  // JPEG; a frame's own is drawn from quality - 5 to quality + 5
  int size = 160;                    // pixels, square
  std::vector<std::string> methods;  // names in kForgeMethods; empty: all
  bool replace = false;              // an existing output folder
  int threads = 1;
};

struct CorpusReport {
  int people = 0, left_out = 0;  // left out: an odd one has no partner
  int pairs[3] = {};             // train, val, test
  int images = 0;
};

// Writes `out` as a whole; the same bytes for the same people and options, whatever `threads`. Throws
// Error(usage) for an unknown method or an existing folder, Error(data) for too few people.
CorpusReport forge_corpus(const std::filesystem::path& prepared, const std::filesystem::path& out,
                          const CorpusOptions&);

}  // namespace rc
