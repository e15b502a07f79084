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
  std::vector<std::string> remarks;  // what else of the set a user should know, a sentence each

  // Whether some fake names both a target and a source that are real videos of its split here.
  bool has_pairs() const;
  // The videos of one split. Throws Error(data) if there are none.
  Index only_split(const std::string& split) const;
};

// How a data set is to be read. Left empty, the set itself decides.
struct ReadOptions {
  std::string format;       // a name of index_formats()
  std::string compression;  // raw (or c0) | c23 | c40, for sets that hold several
  std::string root;         // folder that relative paths of an index file begin at; else the file's own
  std::string splits;       // folder of train.json, val.json and test.json that decide who is in which split
  std::vector<std::string> path_maps;  // "OLD=NEW": paths of an index file that lie in OLD lie in NEW here
  std::vector<std::string> labels;     // "NAME=0" real, "NAME=1" fake: class names of a user's own
};

// Reads whatever `path` is. Videos without a split are split by identity, 70/15/15, by a hash of the identity
// alone (the same on every machine); identities that a fake joins stay together. Throws Error(data) for a
// missing folder, an empty class, one class only, an unknown layout; Error(usage) for options that are none.
Index load_index(const std::filesystem::path& path, const ReadOptions& = {});

struct IndexFormat {
  const char *name, *describes;
};
// What load_index reads, in the order in which it is told apart.
std::vector<IndexFormat> index_formats();

// One video a line, in the index's order: byte-identical for the same tree. To be read back from a file in
// `root`.
std::string to_jsonl(const Index&);

}  // namespace rc
