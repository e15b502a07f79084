#include "data/index.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "data/layout.h"
#include "data/split.h"
#include "engine/error.h"
#include "engine/sha256.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

auto order(const Video& video) {
  return std::tie(video.split, video.label, video.method, video.id, video.dataset);
}

void check_unique(const std::vector<Video>& sorted) {
  const auto twin =
      std::ranges::adjacent_find(sorted, [](const Video& a, const Video& b) { return order(a) == order(b); });
  if (twin != sorted.end())
    throw Error(Exit::data, "two videos have the same name",
                twin->frames.front() + " and " + std::next(twin)->frames.front(), "rename one of them");
}

void check_classes(const std::vector<Video>& videos, const fs::path& path) {
  for (const int label : {0, 1})
    if (std::ranges::none_of(videos, [&](const Video& video) { return video.label == label; }))
      throw Error(Exit::data, std::string("no ") + (label ? "fake" : "real") + " videos in " + path.string(),
                  "both classes are needed",
                  "expected real/ and fake/, or original_sequences/ and manipulated_sequences/");
}

Found read_layout(const fs::path& path, const std::string& compression) {
  if (!fs::exists(path))
    throw Error(Exit::data, "no such file or folder", path.string(), "check the path given as data");
  if (!fs::is_directory(path)) {
    if (path.extension() == ".jsonl") return read_jsonl(path);
  } else {
    if (is_ffpp(path)) return read_ffpp(path, compression);
    if (is_class_folders(path)) return read_class_folders(path);
  }
  throw Error(Exit::data, "unknown layout of data", path.string(),
              "expected a folder with real/ and fake/ (or these under train/, val/, test/), an FF++ tree, or "
              "a .jsonl index");
}

}  // namespace

Index load_index(const fs::path& path, const std::string& compression) {
  Found found = read_layout(path, compression);
  check_classes(found.videos, path);
  split_by_hash(found.videos);
  std::ranges::sort(found.videos, {}, order);
  check_unique(found.videos);
  Index index{fs::is_directory(path) ? path : path.parent_path(),
              std::move(found.videos),
              {},
              std::move(found.skipped)};
  index.hash = sha256(to_jsonl(index));
  return index;
}

bool Index::has_pairs() const {
  std::set<std::tuple<std::string, std::string, std::string>> reals;  // (dataset, split, id)
  for (const Video& video : videos)
    if (video.label == 0) reals.emplace(video.dataset, video.split, video.id);
  return std::ranges::any_of(videos, [&](const Video& video) {
    return video.label == 1 && reals.contains({video.dataset, video.split, video.target}) &&
           reals.contains({video.dataset, video.split, video.source});
  });
}

Index Index::only_split(const std::string& split) const {
  Index part{root, {}, {}, {}};
  std::ranges::copy_if(videos, std::back_inserter(part.videos),
                       [&](const Video& video) { return video.split == split; });
  if (part.videos.empty())
    throw Error(Exit::data, "no videos in split \"" + split + "\"", root.string(),
                "more identities are needed, or train/, val/ and test/ folders or split lists of your own");
  part.hash = sha256(to_jsonl(part));
  return part;
}

}  // namespace rc
