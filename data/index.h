// The index of a data set: one row a video (or a single image), with what forged it. Pairing needs target and
// source.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rc {

struct Video {
  std::string dataset;  // "FF++", or the folder's name
  std::string split;    // train | val | test, or empty where the layout has none
  std::string method;   // "real", "Deepfakes", ..., or "fake" where unknown
  int label = 0;        // 0 real, 1 fake
  std::string id;       // unique within (dataset, method): "071", "071_054"
  std::string target;   // FF++ `<target>_<source>`; for a real video its own id; empty where unknown
  std::string source;
  std::string comp;  // raw | c23 | c40, or empty
  std::vector<std::string>
      frames;  // paths relative to Index::root, in frame order (integer value of the stem)
};

struct Index {
  std::filesystem::path root;
  std::vector<Video> videos;  // sorted by (split, label, method, id)
  std::string hash;           // sha256 of the sorted JSONL lines

  bool has_pairs() const;  // some fake names both a target and a source that are real videos here
  Index only_split(const std::string& split) const;  // the videos of one split
};

// Reads whatever `path` is: a .jsonl index, a folder with real/ and fake/ (with or without train|val|test
// above), or an FF++ tree. Videos without a split are split by identity, 70/15/15, by a hash of the identity
// alone (the same on every machine). Throws Error(data) for a missing folder, an empty class, one class only,
// an unknown layout.
Index load_index(const std::filesystem::path& path, const std::string& compression = {});

std::string to_jsonl(const Index&);  // sorted, one video a line: byte-identical for the same tree

}  // namespace rc
