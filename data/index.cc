#include "data/index.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "data/layout.h"
#include "data/path_map.h"
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

struct Layout {
  IndexFormat format;
  bool of_folder;  // else of a file
  Recognise* recognises;
  Read* read;
};

constexpr std::array kLayouts = {
    Layout{{"jsonl", "an index of ours (.jsonl)"}, false, is_jsonl, read_jsonl},
    Layout{{"dfb", "an index of DeepfakeBench (.json)"}, false, is_dfb, read_dfb},
    Layout{{"csv", "a table path,label,... (.csv)"}, false, is_csv, read_csv},
    Layout{{"pack", "a folder of data pack"}, true, is_pack, read_pack},
    Layout{{"deeperforensics", "DeeperForensics-1.0"}, true, is_deeperforensics, read_deeperforensics},
    Layout{{"dfd", "FF++'s tree with actors and DeepFakeDetection"}, true, is_dfd, read_dfd},
    Layout{{"ffpp", "a tree of FaceForensics++"}, true, is_ffpp, read_ffpp},
    Layout{{"celebdf", "Celeb-DF"}, true, is_celebdf, read_celebdf},
    Layout{{"dfdcp", "DFDC Preview with dataset.json"}, true, is_dfdcp, read_dfdcp},
    Layout{{"folders", "real/ and fake/, also under train/, val/, test/"},
           true,
           is_class_folders,
           read_class_folders},
    Layout{{"dfdc", "DFDC with labels.csv or metadata.json"}, true, is_dfdc, read_dfdc},
};

const Layout& layout_of(const fs::path& path, const ReadOptions& options) {
  const std::string& format = options.format;
  if (!fs::exists(path))
    throw Error(Exit::data, "no such file or folder", path.string(), "check the path given as data");
  const bool folder = fs::is_directory(path);
  std::string names, expected;
  for (const Layout& layout : kLayouts) {
    if (format == layout.format.name && folder != layout.of_folder)
      throw Error(Exit::data, path.string() + " is a " + (folder ? "folder" : "file"),
                  "format " + format + " is " + layout.format.describes);
    if (format.empty() ? folder == layout.of_folder && layout.recognises(path, options)
                       : format == layout.format.name)
      return layout;
    names += (names.empty() ? "" : ", ") + std::string(layout.format.name);
    expected += (expected.empty() ? "" : "; ") + std::string(layout.format.describes);
  }
  if (!format.empty())
    throw Error(Exit::usage, "no format \"" + format + "\" of data", "", "there are " + names);
  throw Error(Exit::data, "unknown layout of data", path.string(), "expected " + expected);
}

}  // namespace

bool is_data_set(const fs::path& path) {
  const bool folder = fs::is_directory(path);
  return fs::exists(path) && std::ranges::any_of(kLayouts, [&](const Layout& layout) {
           return layout.of_folder == folder && layout.recognises(path, {});
         });
}

Index load_index(const fs::path& path, const ReadOptions& options) {
  const PathMap map(options.path_maps);
  const bool folder = fs::is_directory(path);
  Found found = layout_of(path, options).read(path, options);
  check_classes(found.videos, path);
  if (!folder)
    for (Video& video : found.videos)
      for (std::string& frame : video.frames) frame = map(frame);
  if (!options.splits.empty()) split_by_lists(found.videos, require_split_lists(options.splits));
  split_by_hash(found.videos);
  std::ranges::sort(found.videos, {}, order);
  check_unique(found.videos);
  Index index{folder                 ? path
              : options.root.empty() ? path.parent_path()
                                     : fs::path(options.root),
              std::move(found.videos),
              {},
              std::move(found.skipped),
              std::move(found.remarks)};
  index.hash = sha256(to_jsonl(index));
  const fs::path first = index.root / index.videos.front().frames.front();
  std::error_code unreadable;
  if (!folder && !fs::exists(first, unreadable))
    index.remarks.push_back("no file " + first.string() +
                            ", the index's first: --data-root and --path-map say where its files are");
  return index;
}

std::vector<IndexFormat> index_formats() {
  std::vector<IndexFormat> formats;
  for (const Layout& layout : kLayouts) formats.push_back(layout.format);
  return formats;
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
  Index part{root, {}, {}, skipped, remarks};
  std::ranges::copy_if(videos, std::back_inserter(part.videos),
                       [&](const Video& video) { return video.split == split; });
  if (part.videos.empty())
    throw Error(Exit::data, "no videos in split \"" + split + "\"", root.string(),
                "more identities are needed, or train/, val/ and test/ folders or split lists of your own");
  part.hash = sha256(to_jsonl(part));
  return part;
}

}  // namespace rc
