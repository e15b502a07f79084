#include "data/split.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

// Whose faces a video shows.
std::vector<std::string> identities(const Video& video) {
  if (video.target.empty() || video.source.empty()) return {video.id};
  return {video.target, video.source};
}

// 0 to 99, the same on every machine.
int percent_of(const std::string& name) {
  const uint64_t hash = std::stoull(sha256(name).substr(0, 8), nullptr, 16);
  return int(hash * 100 >> 32);
}

std::vector<std::vector<std::string>> read_list(const fs::path& path) {
  constexpr uint64_t kLimit = uint64_t(64) << 20;
  try {
    return nlohmann::json::parse(read_file(path, kLimit)).get<std::vector<std::vector<std::string>>>();
  } catch (const nlohmann::json::exception& error) {
    throw Error(Exit::data, "cannot read split list " + path.string(), error.what(),
                "expected pairs of ids: [[\"071\", \"054\"], ...]");
  }
}

}  // namespace

std::string list_some(const std::vector<std::string>& names) {
  constexpr size_t kShown = 5;
  std::string text;
  for (size_t i = 0; i < std::min(kShown, names.size()); ++i) text += (i ? ", " : "") + names[i];
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

std::optional<std::pair<std::string, std::string>> split_pair(const std::string& id,
                                                              const std::set<std::string>& reals) {
  for (size_t at = id.find('_'); at != std::string::npos; at = id.find('_', at + 1)) {
    const std::string target = id.substr(0, at), source = id.substr(at + 1);
    if (reals.contains(target) && reals.contains(source)) return std::pair(target, source);
  }
  return std::nullopt;
}

std::map<std::string, std::string> read_split_lists(const fs::path& root) {
  const std::vector<std::string> names = {"train", "val", "test"};
  for (const char* folder : {".", "split", "splits", "dataset/splits"}) {
    const auto file = [&](const std::string& name) {
      return (root / folder / (name + ".json")).lexically_normal();
    };
    if (std::ranges::none_of(names, [&](const auto& name) { return fs::exists(file(name)); })) continue;
    std::map<std::string, std::string> lists;
    for (const std::string& name : names)
      for (const auto& group : read_list(file(name)))
        for (const std::string& id : group)
          if (const auto [at, fresh] = lists.try_emplace(id, name); !fresh && at->second != name)
            throw Error(Exit::data, "identity \"" + id + "\" is in two splits",
                        file(at->second).string() + " and " + file(name).string(),
                        "leave it in one of them: a person seen in training must not be tested on");
    return lists;
  }
  return {};
}

std::map<std::string, std::string> require_split_lists(const fs::path& folder) {
  auto lists = read_split_lists(folder);
  if (lists.empty())
    throw Error(Exit::data, "no split lists in " + folder.string(), "train.json, val.json, test.json",
                "each holds pairs of ids: [[\"071\", \"054\"], ...]");
  return lists;
}

void split_by_lists(std::vector<Video>& videos, const std::map<std::string, std::string>& lists) {
  std::vector<std::string> lost;
  for (Video& video : videos) {
    std::set<std::string> splits;
    for (const std::string& who : identities(video)) {
      const auto found = lists.find(who);
      splits.insert(found == lists.end() ? "" : found->second);
    }
    video.split = *splits.begin();
    if (splits.size() != 1 || video.split.empty()) lost.push_back(video.method + "/" + video.id);
  }
  if (!lost.empty())
    throw Error(Exit::data, "no split holds all identities of " + std::to_string(lost.size()) + " videos",
                list_some(lost),
                "a fake's target and source must be in the same one of train.json, val.json, test.json");
}

void hold_out_validation(std::vector<Video>& videos) {
  if (std::ranges::any_of(videos, [](const Video& video) { return video.split == "val"; })) return;
  for (Video& video : videos)
    if (video.split == "train" && percent_of(video.target.empty() ? video.id : video.target) < 15)
      video.split = "val";
}

void split_by_hash(std::vector<Video>& videos) {
  // Union-find; a group's root is its first name.
  std::map<std::string, std::string> parent;
  const auto root = [&](std::string who) {
    for (auto up = parent.try_emplace(who, who).first; up->second != who;) {
      const auto above = parent.find(up->second);
      up->second = above->second;  // halves the path for later
      who = above->first;
      up = above;
    }
    return who;
  };
  for (const Video& video : videos) {
    const auto who = identities(video);
    const std::string a = root(who.front()), b = root(who.back());
    parent[std::max(a, b)] = std::min(a, b);
  }
  for (Video& video : videos) {
    if (!video.split.empty()) continue;
    const int percent = percent_of(root(identities(video).front()));
    video.split = percent < 70 ? "train" : percent < 85 ? "val" : "test";
  }
}

}  // namespace rc
