// The DFDC Preview set: dataset.json, {"method_A/…/x.mp4": {"label": "fake", "set": "train", …}, …}, and the
// videos there, below <method>/videos/, or as frames below <method>/frames/.
#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "data/json_object.h"
#include "data/layout.h"
#include "data/listing.h"
#include "data/path_map.h"
#include "data/split.h"
#include "engine/error.h"
#include "engine/file.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

constexpr const char* kFile = "dataset.json";

// The frames of a video that dataset.json calls `key`, else its file; nothing where it is not here.
std::vector<std::string> files_of(const fs::path& root, const std::string& key) {
  const fs::path whole = fs::path(key).lexically_normal(), top = *whole.begin(),
                 rest = whole.lexically_relative(top);
  const fs::path stem = whole.stem(), without = fs::path(rest).replace_extension();
  for (const fs::path& folder :
       {top / "frames" / stem, top / "frames" / without, top / "videos" / without, top / without}) {
    std::error_code missing;
    if (!fs::is_directory(root / folder, missing)) continue;
    std::vector<std::string> frames;
    for (const std::string& image : images_in(root / folder))
      frames.push_back(folder.generic_string() + "/" + image);
    if (!frames.empty()) return frames;
  }
  for (const fs::path& file : {whole, top / "videos" / rest, top / "videos" / whole.filename()}) {
    std::error_code missing;
    if (fs::is_regular_file(root / file, missing)) return {file.generic_string()};
  }
  return {};
}

// The recording that `<recording>_<piece>` is a piece of.
std::string recording_of(const std::string& id) { return id.substr(0, id.rfind('_')); }

}  // namespace

std::vector<DfdcpEntry> read_dfdcp_list(const fs::path& file) {
  const std::string expected = R"({"method_A/a/b.mp4": {"label": "fake", "set": "train"}, ...})";
  const Json json = read_json_object(file, expected);
  const auto refuse = [&](const std::string& video) -> Error {
    return {Exit::data, "bad entry \"" + video + "\" in " + file.string(), "", "expected " + expected};
  };
  std::vector<DfdcpEntry> entries;
  for (const auto& [key, value] : json.items()) {
    DfdcpEntry entry;
    entry.path = with_slashes(key);
    const bool known = value.is_object() && value.contains("label") &&
                       (value["label"] == "real" || value["label"] == "fake") && value.contains("set") &&
                       (value["set"] == "train" || value["set"] == "val" || value["set"] == "test");
    if (!known || entry.path.find('/') == std::string::npos || entry.path.front() == '/' ||
        fs::path(entry.path).stem().empty())
      throw refuse(key);
    entry.label = value["label"] == "fake", entry.split = value["set"].get<std::string>();
    if (value.contains("source_video") && value["source_video"].is_string())
      entry.original = value["source_video"].get<std::string>();
    entries.push_back(std::move(entry));
  }
  return entries;
}

bool is_dfdcp(const fs::path& root, const ReadOptions&) { return fs::exists(root / kFile); }

Found read_dfdcp(const fs::path& root, const ReadOptions&) {
  Found found;
  std::vector<std::string> lost;
  std::map<std::string, std::string> recordings;  // of the real videos, the first piece of each
  std::vector<std::pair<size_t, std::string>> originals;
  for (const DfdcpEntry& entry : read_dfdcp_list(root / kFile)) {
    Video video;
    video.frames = files_of(root, entry.path);
    if (video.frames.empty()) {
      lost.push_back(entry.path);
      continue;
    }
    video.dataset = "DFDCP", video.split = entry.split, video.label = entry.label;
    video.method = entry.label ? fs::path(entry.path).begin()->string() : "real";
    video.id = fs::path(entry.path).stem().string();
    if (entry.label) {
      originals.emplace_back(found.videos.size(), entry.original);
    } else {
      video.target = video.id;
      recordings.try_emplace(recording_of(video.id), video.id);
    }
    found.videos.push_back(std::move(video));
  }
  for (const auto& [fake, original] : originals)
    if (const auto at = recordings.find(original); !original.empty() && at != recordings.end())
      found.videos[fake].target = at->second;
  if (!lost.empty())
    found.remarks.push_back(std::to_string(lost.size()) + " videos of " + kFile +
                            " are not here: " + list_some(lost));
  hold_out_validation(found.videos);
  return found;
}

}  // namespace rc
