// The FaceForensics++ tree:
// {original_sequences/<group>,manipulated_sequences/<method>}/<compression>/{frames,videos}/<video>, and
// Google's Deepfake Detection set, which comes in the same tree but is a set of its own.
#include <algorithm>
#include <set>

#include "data/clips.h"
#include "data/compression.h"
#include "data/ffpp_splits.h"
#include "data/layout.h"
#include "data/listing.h"
#include "data/pair_names.h"
#include "data/split.h"
#include "engine/error.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr const char* kReal = "original_sequences";
constexpr const char* kFake = "manipulated_sequences";

bool is_dfd_group(const std::string& group) { return group == "actors" || group == "DeepFakeDetection"; }

// The videos of one group (or method) at one compression.
struct Branch {
  int label;
  std::string group;        // "youtube", "Deepfakes"
  std::string compression;  // raw | c23 | c40
  fs::path folder;          // relative to the root
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
        const fs::path folder = top / group / name;
        if ((compression == "raw" || compression == "c23" || compression == "c40") &&
            has_clips(root / folder))
          found.push_back({label, group, compression, folder});
      }
  }
  return found;
}

// The official lists, if these are official videos: numbered 000 to 999, and each fake of an official pair.
std::map<std::string, std::string> official_lists(const std::vector<Video>& videos) {
  std::map<std::string, std::string> lists, partner;
  for (const char* split : {"train", "val", "test"})
    for (const auto& [a, b] : ffpp_pairs(split)) lists[a] = lists[b] = split, partner[a] = b, partner[b] = a;
  const bool official = std::ranges::all_of(videos, [&](const Video& video) {
    return lists.contains(video.target) && (video.label == 0 || partner.at(video.target) == video.source);
  });
  return official ? lists : std::map<std::string, std::string>();
}

Found read_branches(const fs::path& root, const std::vector<Branch>& wanted, const std::string& asked) {
  std::set<std::string> there;
  for (const Branch& branch : wanted) there.insert(branch.compression);
  if (there.empty())
    throw Error(Exit::data, "no videos in " + root.string(),
                "found no <group>/<compression>/{frames,videos}/ with any",
                "is it the tree's topmost folder?");
  const std::string compression = choose_compression(root.string(), there, asked);
  Found found;
  std::set<std::string> reals;
  for (const Branch& branch : wanted) {
    if (branch.compression != compression) continue;
    for (Clip& clip : clips_in(root, branch.folder, found)) {
      Video video;
      video.dataset = is_dfd_group(branch.group) ? "DFD" : "FF++";
      video.comp = compression, video.label = branch.label;
      video.method = branch.label ? branch.group : "real";
      video.id = std::move(clip.id), video.frames = std::move(clip.frames);
      if (!branch.label)
        reals.insert(video.target = video.id);  // real branches come first
      else if (is_dfd_group(branch.group))
        name_dfd_pair(video);
      else
        name_ffpp_pair(video, reals);
      found.videos.push_back(std::move(video));
    }
  }
  return found;
}

std::vector<Branch> branches_of(const fs::path& root, bool detection) {
  std::vector<Branch> found = branches(root);
  std::erase_if(found, [&](const Branch& branch) { return is_dfd_group(branch.group) != detection; });
  return found;
}

}  // namespace

bool is_ffpp(const fs::path& root, const ReadOptions&) {
  return fs::is_directory(root / kReal) || fs::is_directory(root / kFake);
}

bool is_dfd(const fs::path& root, const ReadOptions&) {
  if (!fs::is_directory(root / kReal) || !fs::is_directory(root / kFake)) return false;
  for (const char* top : {kReal, kFake}) {
    const std::vector<std::string> groups = folders_in(root / top);
    if (groups.empty() || !std::ranges::all_of(groups, is_dfd_group)) return false;
  }
  return true;
}

Found read_ffpp(const fs::path& root, const ReadOptions& options) {
  Found found = read_branches(root, branches_of(root, false), options.compression);
  if (options.splits.empty()) {
    auto lists = read_split_lists(root);
    if (lists.empty()) lists = official_lists(found.videos);
    if (!lists.empty()) split_by_lists(found.videos, lists);
  }
  if (!branches_of(root, true).empty())
    found.remarks.push_back(
        "actors and DeepFakeDetection are a set of their own, left out here: --format dfd");
  return found;
}

// It pairs every actor with every other: no split by identity exists, and it is only ever tested on.
Found read_dfd(const fs::path& root, const ReadOptions& options) {
  Found found = read_branches(root, branches_of(root, true), options.compression);
  for (Video& video : found.videos) video.split = "test";
  return found;
}

}  // namespace rc
