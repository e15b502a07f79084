// Our own index file: one JSON object a line and video.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "data/layout.h"
#include "engine/error.h"
#include "engine/file.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Throws std::runtime_error that says what is wrong with the row.
Video read_row(const Json& row) {
  constexpr std::array<std::string_view, 11> kKeys = {
      "v", "dataset", "split", "method", "label", "video", "target", "source", "comp", "frames", "sha256"};
  const auto require = [](bool holds, const std::string& otherwise) {
    if (!holds) throw std::runtime_error(otherwise);
  };
  require(row.is_object(), "not a JSON object");
  for (const auto& item : row.items())
    require(std::ranges::find(kKeys, item.key()) != kKeys.end(), "unknown key \"" + item.key() + "\"");
  require(row.contains("v") && row["v"] == 1, "\"v\" is not 1: made by another version");
  require(row.contains("label") && (row["label"] == 0 || row["label"] == 1),
          "\"label\" is not 0 (real) or 1 (fake)");
  require(row.contains("video") && row.contains("frames"), "\"video\" or \"frames\" is missing");

  Video video;
  video.label = row["label"].get<int>();
  video.id = row["video"].get<std::string>();
  video.frames = row["frames"].get<std::vector<std::string>>();
  video.dataset = row.value("dataset", "");
  video.split = row.value("split", "");
  video.method = row.value("method", video.label ? "fake" : "real");
  video.target = row.value("target", "");
  video.source = row.value("source", "");
  video.comp = row.value("comp", "");
  video.sha256 = row.value("sha256", std::vector<std::string>());
  require(!video.id.empty(), "\"video\" is empty");
  require(!video.frames.empty() && std::ranges::find(video.frames, "") == video.frames.end(),
          "\"frames\" is empty or has an empty path");
  require(video.split.empty() || video.split == "train" || video.split == "val" || video.split == "test",
          "\"split\" is not train, val or test");
  require(video.sha256.empty() ||
              (video.sha256.size() == video.frames.size() && std::ranges::all_of(video.sha256, is_sha256)),
          "\"sha256\" is not one hash a frame");
  return video;
}

}  // namespace

bool is_jsonl(const fs::path& file, const ReadOptions&) { return file.extension() == ".jsonl"; }

Found read_jsonl(const fs::path& file, const ReadOptions&) {
  constexpr uint64_t kFileLimit = uint64_t(1) << 30;
  const std::string text = read_file(file, kFileLimit);
  Found found;
  int number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line(text.data() + at, end - at);
    at = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    try {
      found.videos.push_back(read_row(Json::parse(line)));
    } catch (const std::exception& error) {
      throw Error(Exit::data, "bad row in index " + file.string() + ":" + std::to_string(number),
                  error.what());
    }
  }
  if (found.videos.empty()) throw Error(Exit::data, "no videos in index " + file.string());
  return found;
}

std::string to_jsonl(const Index& index) {
  std::string text;
  for (const Video& video : index.videos) {
    Json row = {{"v", 1},
                {"dataset", video.dataset},
                {"split", video.split},
                {"method", video.method},
                {"label", video.label},
                {"video", video.id},
                {"target", video.target},
                {"source", video.source},
                {"comp", video.comp},
                {"frames", video.frames}};
    if (!video.sha256.empty()) row["sha256"] = video.sha256;
    try {
      text += row.dump() + "\n";
    } catch (const Json::exception&) {
      throw Error(Exit::data, "a name is not UTF-8", video.frames.front(), "rename the file or folder");
    }
  }
  return text;
}

}  // namespace rc
