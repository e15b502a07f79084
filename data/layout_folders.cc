// Plain folders: [train|val|test]/{real,fake}/, with images directly (each is a video of one frame), as video
// files or in a folder a video; fake/<method>/<video>/ names the method too.
#include <algorithm>
#include <set>

#include "data/labels.h"
#include "data/layout.h"
#include "data/listing.h"
#include "data/split.h"
#include "engine/error.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

std::string split_of(const std::string& folder) {
  const std::string name = lower_case(folder);
  if (name == "train" || name == "test") return name;
  return name == "val" || name == "valid" || name == "validation" ? "val" : "";
}

class ClassFolder {
 public:
  ClassFolder(const fs::path& root, fs::path folder, Video like, Found& found)
      : root_(root), folder_(std::move(folder)), like_(std::move(like)), found_(found) {}

  void read() {
    const size_t before = found_.videos.size();
    for (const auto& files : {images_in(root_ / folder_), videos_in(root_ / folder_)})
      for (const std::string& file : files)
        add(fs::path(file).stem().string(), {(folder_ / file).generic_string()});
    for (const std::string& name : folders_in(root_ / folder_)) read_video(name);
    if (found_.videos.size() == before)
      throw Error(Exit::data, "no images in " + (root_ / folder_).string(),
                  "looked for .png, .jpg, .jpeg, .bmp and videos",
                  "put images there, or a video file or a folder of frames for each video");
  }

 private:
  void read_video(const fs::path& inner) {
    constexpr int kDeepest = 8;  // ends where links go round in a circle
    if (std::distance(inner.begin(), inner.end()) > kDeepest)
      throw Error(Exit::data, "folders are nested too deeply", (root_ / folder_ / inner).string(),
                  "is there a link to a folder above?");
    std::vector<std::string> frames;
    for (const std::string& image : images_in(root_ / folder_ / inner))
      frames.push_back((folder_ / inner / image).generic_string());
    const std::vector<std::string> deeper = folders_in(root_ / folder_ / inner);
    const std::vector<std::string> videos = videos_in(root_ / folder_ / inner);
    if (!frames.empty())
      add(inner.generic_string(), std::move(frames));
    else if (deeper.empty() && videos.empty())
      found_.skipped.push_back((folder_ / inner).generic_string());
    for (const std::string& file : videos)
      add((inner / fs::path(file).stem()).generic_string(), {(folder_ / inner / file).generic_string()});
    for (const std::string& name : deeper) read_video(inner / name);
  }

  void add(std::string id, std::vector<std::string> frames) {
    Video video = like_;
    const size_t slash = id.find('/');
    if (video.label == 1 && slash != std::string::npos) {
      video.method = id.substr(0, slash);
      id.erase(0, slash + 1);
    }
    video.id = std::move(id);
    video.frames = std::move(frames);
    found_.videos.push_back(std::move(video));
  }

  const fs::path& root_;
  const fs::path folder_;  // relative to root
  const Video like_;       // dataset, split, method, label
  Found& found_;
};

bool has_class(const fs::path& folder, const Labels& labels) {
  return std::ranges::any_of(folders_in(folder),
                             [&](const auto& name) { return labels.of_class(name).has_value(); });
}

// Target and source from the names, if all fakes are named `<target>_<source>` after real videos here.
void name_pairs(std::vector<Video>& videos) {
  std::set<std::string> reals;
  for (const Video& video : videos)
    if (video.label == 0) reals.insert(video.id);
  const auto pair = [&](const Video& video) { return split_pair(video.id, reals); };
  if (!std::ranges::all_of(videos, [&](const Video& video) { return video.label == 0 || pair(video); }))
    return;
  for (Video& video : videos) {
    if (video.label == 0)
      video.target = video.id;
    else
      std::tie(video.target, video.source) = *pair(video);
  }
}

}  // namespace

bool is_class_folders(const fs::path& root, const ReadOptions& options) {
  const Labels labels(options.labels);
  return has_class(root, labels) || std::ranges::any_of(folders_in(root), [&](const auto& name) {
           return !split_of(name).empty() && has_class(root / name, labels);
         });
}

Found read_class_folders(const fs::path& root, const ReadOptions& options) {
  Found found;
  const Labels labels(options.labels);
  const std::string dataset = fs::weakly_canonical(root).filename().string();
  const auto read_classes = [&](const fs::path& above, const std::string& split) {
    for (const std::string& name : folders_in(root / above))
      if (const auto label = labels.of_class(name)) {
        Video like;
        like.dataset = dataset, like.split = split, like.label = *label,
        like.method = *label ? "fake" : "real";
        ClassFolder(root, above / name, like, found).read();
      }
  };
  if (has_class(root, labels)) {
    read_classes("", "");
  } else {
    for (const std::string& name : folders_in(root))
      if (const std::string split = split_of(name); !split.empty()) read_classes(name, split);
  }
  name_pairs(found.videos);
  return found;
}

}  // namespace rc
