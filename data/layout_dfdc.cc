// The DeepFake Detection Challenge: folders of videos with metadata.json (parts of the training set, and the
// test set as the authors give it) or labels.csv (validation, and the test set as most have it), at the top
// or up to two folders below it.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "data/clips.h"
#include "data/csv.h"
#include "data/json_object.h"
#include "data/layout.h"
#include "data/listing.h"
#include "data/split.h"
#include "engine/error.h"
#include "engine/file.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

constexpr uint64_t kLimit = uint64_t(256) << 20;
constexpr const char* kTable = "labels.csv";
constexpr const char* kMetadata = "metadata.json";

std::string stem_of(const std::string& name) { return fs::path(name).stem().string(); }

std::string split_of(const std::string& name) {
  const std::string text = lower_case(name);
  if (text.find("train") != std::string::npos) return "train";
  if (text.find("val") != std::string::npos) return "val";
  return text.find("test") != std::string::npos ? "test" : "";
}

// Of the last folder on the way whose name says it.
std::string split_of_folder(const fs::path& folder) {
  std::string split;
  for (const fs::path& name : folder)
    if (const std::string said = split_of(name.string()); !said.empty()) split = said;
  return split;
}

bool is_part(const fs::path& folder) { return fs::exists(folder / kTable) || fs::exists(folder / kMetadata); }

// Folders with labels, relative to the root.
std::vector<fs::path> parts_of(const fs::path& root) {
  std::vector<fs::path> parts;
  if (is_part(root)) parts.push_back(".");
  for (const std::string& outer : folders_in(root)) {
    if (is_part(root / outer)) parts.push_back(outer);
    for (const std::string& inner : folders_in(root / outer))
      if (is_part(root / outer / inner)) parts.push_back(fs::path(outer) / inner);
  }
  return parts;
}

}  // namespace

std::map<std::string, DfdcLabel> read_dfdc_metadata(const fs::path& file) {
  std::map<std::string, DfdcLabel> labels;
  const std::string expected = R"({"a.mp4": {"label": "FAKE", "split": "train", "original": "b.mp4"}, ...})";
  const Json json = read_json_object(file, expected);
  const auto refuse = [&](const std::string& video) -> Error {
    return {Exit::data, "bad entry \"" + video + "\" in " + file.string(), "", "expected " + expected};
  };
  for (const auto& [name, entry] : json.items()) {
    if (!entry.is_object()) throw refuse(name);
    DfdcLabel label;
    if (entry.contains("label") && (entry["label"] == "REAL" || entry["label"] == "FAKE"))
      label.label = entry["label"] == "FAKE";
    else if (entry.contains("is_fake") && (entry["is_fake"] == 0 || entry["is_fake"] == 1))
      label.label = entry["is_fake"] == 1;
    else
      throw refuse(name);
    for (const auto& [key, text] : {std::pair("split", &label.split), {"original", &label.original}})
      if (entry.contains(key) && entry[key].is_string()) *text = entry[key].get<std::string>();
    label.split = split_of(label.split), label.original = stem_of(label.original);
    labels[stem_of(name)] = label;
  }
  return labels;
}

std::map<std::string, DfdcLabel> read_dfdc_table(const fs::path& file) {
  std::map<std::string, DfdcLabel> labels;
  const auto rows = parse_csv(read_file(file, kLimit), file.string());
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool is_header = i == 0 && rows[0].size() >= 2 && rows[0][0] == "filename" && rows[0][1] == "label";
    if (is_header) continue;
    const std::string said = rows[i].size() >= 2 ? lower_case(rows[i][1]) : "";
    if (i == 0 || rows[i][0].empty() || (said != "0" && said != "1" && said != "real" && said != "fake"))
      throw Error(Exit::data, "bad row in " + file.string() + ":" + std::to_string(i + 1), "",
                  "expected a header filename,label and rows such as a.mp4,1 (1 is fake)");
    labels[stem_of(rows[i][0])].label = said == "1" || said == "fake";
  }
  return labels;
}

bool is_dfdc(const fs::path& root, const ReadOptions&) { return !parts_of(root).empty(); }

Found read_dfdc(const fs::path& root, const ReadOptions&) {
  Found found;
  std::vector<std::string> lost, unknown;
  for (const fs::path& part : parts_of(root)) {
    std::map<std::string, DfdcLabel> labels;
    if (fs::exists(root / part / kMetadata)) labels = read_dfdc_metadata(root / part / kMetadata);
    if (fs::exists(root / part / kTable))
      for (const auto& [id, label] : read_dfdc_table(root / part / kTable)) {
        const auto [at, fresh] = labels.try_emplace(id, label);
        if (!fresh && at->second.label != label.label)
          throw Error(Exit::data, "\"" + id + "\" has two labels", (root / part).string(),
                      std::string("one in ") + kTable + ", another in " + kMetadata);
      }
    const std::string of_folder = split_of_folder(part);
    for (Clip& clip : clips_in(root, part, found)) {
      const auto at = labels.find(clip.id);
      if (at == labels.end()) {
        unknown.push_back(clip.frames.front());
        continue;
      }
      Video video;
      video.dataset = "DFDC", video.label = at->second.label, video.method = video.label ? "fake" : "real";
      video.split = !at->second.split.empty() ? at->second.split : !of_folder.empty() ? of_folder : "test";
      video.target = video.label ? at->second.original : clip.id;
      video.id = std::move(clip.id), video.frames = std::move(clip.frames);
      labels.erase(at);
      found.videos.push_back(std::move(video));
    }
    for (const auto& [id, label] : labels) lost.push_back((part / id).lexically_normal().generic_string());
  }
  const auto remark = [&](const std::vector<std::string>& names, const std::string& what) {
    if (!names.empty()) found.remarks.push_back(std::to_string(names.size()) + what + list_some(names));
  };
  remark(lost, " videos with a label are not here: ");
  remark(unknown, " videos without a label are left out: ");
  hold_out_validation(found.videos);
  return found;
}

}  // namespace rc
