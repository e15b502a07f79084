// The FaceForensics++ tree of frames as images:
// {original_sequences/<group>,manipulated_sequences/<method>}/<compression>/{frames,videos}/<video>/<frame>.png
#include <algorithm>
#include <array>
#include <set>

#include "data/layout.h"
#include "data/listing.h"
#include "data/split.h"
#include "engine/error.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr const char* kReal = "original_sequences";
constexpr const char* kFake = "manipulated_sequences";
constexpr const char* kDetectionReal = "actors";  // Google's Deepfake Detection set, which ships inside FF++
constexpr const char* kDetectionFake = "DeepFakeDetection";

// One folder of videos of one group (or method) at one compression.
struct Branch {
  int label;
  std::string group;        // "youtube", "Deepfakes"
  std::string compression;  // raw | c23 | c40
  fs::path folder;          // relative to the root; holds a folder a video
};

std::vector<Branch> branches(const fs::path& root) {
  std::vector<Branch> found;
  for (const int label : {0, 1}) {
    const fs::path top = label ? kFake : kReal;
    if (!fs::is_directory(root / top))
      throw Error(Exit::data, "no folder " + (root / top).string(),
                  "an FF++ tree has " + std::string(kReal) + " and " + kFake);
    for (const std::string& group : folders_in(root / top))
      for (const std::string& name : folders_in(root / top / group)) {
        const std::string compression = name == "c0" ? "raw" : name;
        if (compression != "raw" && compression != "c23" && compression != "c40") continue;
        for (const char* kind : {"frames", "videos"}) {
          const fs::path folder = top / group / name / kind;
          if (!fs::is_directory(root / folder) || folders_in(root / folder).empty()) continue;
          found.push_back({label, group, compression, folder});
          break;
        }
      }
  }
  return found;
}

// The one compression to read; what is asked for must be there, and without asking there must be one alone.
std::string choose_compression(const fs::path& root, const std::vector<Branch>& found,
                               const std::string& asked) {
  std::set<std::string> there;
  for (const Branch& branch : found) there.insert(branch.compression);
  std::string names;
  for (const std::string& name : there) names += (names.empty() ? "" : ", ") + name;
  if (there.empty())
    throw Error(Exit::data, "no frames in " + root.string(),
                "found no <group>/<compression>/frames/<video>/ folder",
                "extract the frames of each video into images first");
  const std::string wanted = asked == "c0" ? "raw" : asked;
  if (!asked.empty() && !there.contains(wanted))
    throw Error(Exit::data, "no frames of compression \"" + asked + "\" in " + root.string(),
                "there are: " + names);
  if (asked.empty() && there.size() > 1)
    throw Error(Exit::data, "several compressions in " + root.string(), names,
                "name one of them as the compression (comp)");
  return asked.empty() ? *there.begin() : wanted;
}

// `<target>_<source>`, or in the Detection set `<target>_<source>__<scene>__<code>` made from
// `<actor>__<scene>`.
void name_pair(Video& video, const std::string& group, const std::set<std::string>& reals) {
  const std::string& id = video.id;
  if (group == kDetectionFake) {
    const size_t scene = id.find("__"), code = id.rfind("__"), middle = id.find('_');
    if (scene == std::string::npos || code <= scene || middle >= scene) return;
    const std::string suffix = id.substr(scene, code - scene);
    video.target = id.substr(0, middle) + suffix;
    video.source = id.substr(middle + 1, scene - middle - 1) + suffix;
  } else if (const auto pair = split_pair(id, reals)) {
    std::tie(video.target, video.source) = *pair;
  } else if (const size_t at = id.find('_'); at != std::string::npos && at == id.rfind('_')) {
    video.target = id.substr(0, at), video.source = id.substr(at + 1);  // its real videos are not all here
  }
}

}  // namespace

bool is_ffpp(const fs::path& root) {
  return fs::is_directory(root / kReal) || fs::is_directory(root / kFake);
}

Found read_ffpp(const fs::path& root, const ReadOptions& options) {
  const std::vector<Branch> all = branches(root);
  const std::string compression = choose_compression(root, all, options.compression);
  Found found;
  std::vector<Video> detection;
  std::set<std::string> reals;
  for (const Branch& branch : all) {
    if (branch.compression != compression) continue;
    for (const std::string& id : folders_in(root / branch.folder)) {
      Video video;
      video.dataset = "FF++", video.comp = compression, video.label = branch.label, video.id = id;
      video.method = branch.label ? branch.group : "real";
      for (const std::string& image : images_in(root / branch.folder / id))
        video.frames.push_back((branch.folder / id / image).generic_string());
      if (video.frames.empty()) {
        found.skipped.push_back((branch.folder / id).generic_string());
        continue;
      }
      if (branch.label)
        name_pair(video, branch.group, reals);  // real branches come first
      else
        reals.insert(video.target = id);
      const bool is_detection = branch.group == kDetectionReal || branch.group == kDetectionFake;
      (is_detection ? detection : found.videos).push_back(std::move(video));
    }
  }
  if (const auto lists = read_split_lists(root); !lists.empty()) split_by_lists(found.videos, lists);
  // The Detection set pairs every actor with every other: no split by identity exists, and it is only ever
  // tested on.
  for (Video& video : detection) video.split = "test";
  std::ranges::move(detection, std::back_inserter(found.videos));
  return found;
}

}  // namespace rc
