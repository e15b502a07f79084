// The index of a data set: one row a video (or a single image), with what forged it.
// Pairing needs target and source.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rc {

struct Video {
  std::string dataset;  // "FF++", or the folder's name
  std::string split;    // train | val | test
  std::string method;   // "real", "Deepfakes", ..., or "fake" where unknown
  int label = 0;        // 0 real, 1 fake
  std::string id;       // unique within (dataset, split, method): "071", "071_054"
  std::string target;   // FF++ `<target>_<source>`; for a real video its own id; empty where unknown
  std::string source;   // empty for a real video and where unknown
  std::string comp;     // raw | c23 | c40, or empty
  std::vector<std::string> frames;  // paths relative to Index::root, ordered by the number in the name
  std::vector<std::string> sha256;  // of each frame's file, where a .jsonl index gives them; empty otherwise
};

struct Index {
  std::filesystem::path root;
  std::vector<Video> videos;  // sorted by (split, label, method, id, dataset)
  std::string hash;           // sha256 of to_jsonl: the paths, and the pixels too where the rows have sha256
  std::vector<std::string> skipped;  // folders of videos without any image, to warn of

  // Whether some fake names both a target and a source that are real videos of its split here.
  bool has_pairs() const;
  // The videos of one split. Throws Error(data) if there are none.
  Index only_split(const std::string& split) const;
};

// Reads whatever `path` is: a .jsonl index, a folder with real/ and fake/ (with or without train|val|test
// above), or an FF++ tree. `compression` (raw | c23 | c40) chooses among those of an FF++ tree; left empty, a
// tree that holds several is an error. Videos without a split are split by identity, 70/15/15, by a hash of
// the identity alone (the same on every machine); identities that a fake joins stay together. Throws
// Error(data) for a missing folder, an empty class, one class only, an unknown layout.
Index load_index(const std::filesystem::path& path, const std::string& compression = {});

// One video a line, in the index's order: byte-identical for the same tree. To be read back from a file in
// `root`.
std::string to_jsonl(const Index&);

}  // namespace rc
