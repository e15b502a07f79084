// DeepfakeBench's index: {dataset: {label: {train|val|test: {[compression:] {video: {"label", "frames"}}}}}}.
#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/compression.h"
#include "data/dfb_index.h"
#include "data/dfb_labels.h"
#include "data/json_object.h"
#include "data/labels.h"
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

constexpr const char* kFfppName = "FaceForensics++";  // as a key of DeepfakeBench's files
constexpr std::array<std::string_view, 3> kSplits = {"train", "val", "test"};

class DfbFile {
 public:
  DfbFile(const fs::path& file, const ReadOptions& options)
      : file_(file), options_(options), labels_(options.labels) {}

  Found read() {
    const Json json =
        read_json_object(file_, R"(DeepfakeBench's {dataset: {label: {split: {video: {"frames": [...]}}}}})");
    for (const auto& [dataset, labels] : json.items())
      for (const auto& [label, splits] : object(labels, dataset))
        for (const auto& [split, videos] : object(splits, dataset + "/" + label))
          read_split(dataset, label, split, videos);
    choose();
    keep_in_one_split();
    for (Row& row : rows_) found_.videos.push_back(std::move(row.video));
    name_pairs();
    hold_out_validation(found_.videos);  // by targets ...
    name_pairs();                        // ... and a source is one of the fake's split
    if (!empty_.empty())
      remark(std::to_string(empty_.size()) + " videos without frames are left out: " + list_some(empty_));
    if (found_.videos.empty()) throw Error(Exit::data, "no videos in index " + file_.string());
    return std::move(found_);
  }

 private:
  struct Row {
    std::string label;  // DeepfakeBench's
    Video video;
  };

  Error refuse(const std::string& what, const std::string& where, const std::string& hint = {}) const {
    return {Exit::data, what + " in index " + file_.string(), where, hint};
  }
  void remark(const std::string& text) { found_.remarks.push_back(text); }

  // The members of what must be an object.
  const Json::object_t& object(const Json& json, const std::string& where) const {
    if (!json.is_object()) throw refuse("no object", where);
    return json.get_ref<const Json::object_t&>();
  }

  void read_split(const std::string& dataset, const std::string& label, const std::string& split,
                  const Json& videos) {
    const std::string where = dataset + "/" + label + "/" + split;
    if (std::ranges::find(kSplits, split) == kSplits.end())
      throw refuse("no split \"" + split + "\"", where, "splits are train, val and test");
    const auto& members = object(videos, where);
    if (members.contains("frames")) {  // DFDC's val, overwritten by its writer with one video after the other
      remark(where + " is one video in place of a set of videos: left out");
      return;
    }
    for (const auto& [name, value] : members) {
      if (object(value, where + "/" + name).contains("frames")) {
        add(dataset, label, split, "", name, value);
      } else {
        for (const auto& [video, inner] : value.items())
          if (object(inner, where + "/" + name + "/" + video).contains("frames"))
            add(dataset, label, split, name == "c0" ? "raw" : name, video, inner);
          else
            throw refuse("no frames", where + "/" + name + "/" + video);
      }
    }
  }

  void add(const std::string& dataset, const std::string& group, const std::string& split,
           const std::string& compression, const std::string& id, const Json& entry) {
    const std::string where = dataset + "/" + group + "/" + split + "/" + id;
    Row row;
    row.label = group;
    if (entry.contains("label")) {
      if (!entry["label"].is_string()) throw refuse("a label that is no text", where);
      row.label = entry["label"].get<std::string>();
    }
    const auto known = find_dfb_label(row.label, dataset == kFfppName ? "FF++" : dataset);
    const auto given = labels_.of_user(row.label);
    if (!known && !given)
      throw refuse(
          "unknown label \"" + row.label + "\"", where,
          "known are " + dfb_label_names() + "; say what yours is: --label " + row.label + "=1 for fake, =0");
    Video& video = row.video;
    video.label = given ? *given : known->label;
    video.dataset = known ? known->dataset : dataset;
    video.method = video.label == 0 ? "real" : known && known->label == 1 ? known->method : row.label;
    video.split = split, video.comp = compression, video.id = id;
    if (!entry["frames"].is_array()) throw refuse("frames that are no list", where);
    for (const Json& frame : entry["frames"]) {
      if (!frame.is_string() || frame.get_ref<const std::string&>().empty())
        throw refuse("a frame that is no path", where);
      video.frames.push_back(with_slashes(frame.get_ref<const std::string&>()));
    }
    if (id.empty()) throw refuse("a video without a name", where);
    if (video.frames.empty()) {
      empty_.push_back(group + "/" + id);
      return;
    }
    std::ranges::sort(video.frames, natural_less);
    rows_.push_back(std::move(row));
  }

  // One compression of several. Sets without levels have the empty one.
  void choose() {
    std::set<std::string> there;
    for (const Row& row : rows_) there.insert(row.video.comp);
    if (there.empty() || (there.size() == 1 && options_.compression.empty())) return;
    if (there == std::set<std::string>{""}) return;
    const std::string wanted = choose_compression(file_.string(), there, options_.compression);
    std::erase_if(rows_, [&](const Row& row) { return row.video.comp != wanted; });
  }

  // DeepfakeBench has the videos of some sets in train, val and test alike: what is tested on is neither
  // trained nor validated on.
  void keep_in_one_split() {
    std::map<std::string, std::set<std::string>> splits;  // by label and id
    const auto key = [](const Row& row) { return row.label + "/" + row.video.id; };
    for (const Row& row : rows_) splits[key(row)].insert(row.video.split);
    std::map<std::string, size_t> taken;
    std::erase_if(rows_, [&](const Row& row) {
      const auto& all = splits.at(key(row));
      const std::string last = all.contains("test") ? "test" : all.contains("val") ? "val" : "train";
      if (row.video.split != last) ++taken[row.video.split];
      return row.video.split != last;
    });
    if (taken.empty()) return;
    std::string text;
    for (const auto& [split, count] : taken)
      text += (text.empty() ? "" : ", ") + std::to_string(count) + " of " + split;
    remark("videos that stand in several splits are kept in test (else in val) alone; taken out: " + text);
  }

  void name_pairs() {
    std::map<std::string, std::set<std::string>> reals;
    for (Video& video : found_.videos)
      if (video.label == 0) reals[video.split].insert(video.target = video.id);
    for (size_t i = 0; i < rows_.size(); ++i)
      if (found_.videos[i].label == 1) name_dfb_pair(found_.videos[i], rows_[i].label, reals);
  }

  const fs::path& file_;
  const ReadOptions& options_;
  const Labels labels_;
  std::vector<Row> rows_;
  std::vector<std::string> empty_;
  Found found_;
};

}  // namespace

bool is_dfb(const fs::path& file, const ReadOptions&) {
  return lower_case(file.extension().string()) == ".json";
}

Found read_dfb(const fs::path& file, const ReadOptions& options) { return DfbFile(file, options).read(); }

std::string to_dfb(const Index& index) {
  Json root = Json::object();
  for (const Video& video : index.videos) {
    const std::string label = dfb_label_of(video);
    Json& splits = root[video.dataset == "FF++" ? kFfppName : video.dataset][label];
    for (const std::string_view split : kSplits) splits[std::string(split)].emplace("", nullptr);
    Json& videos = video.comp.empty() ? splits[video.split] : splits[video.split][video.comp];
    videos[video.id] = {{"label", label}, {"frames", video.frames}};
  }
  for (Json& labels : root)
    for (Json& splits : labels)
      for (Json& videos : splits) videos.erase("");
  try {
    return root.dump(1) + "\n";
  } catch (const Json::exception&) {
    throw Error(Exit::data, "a name is not UTF-8", "", "rename the file or folder");
  }
}

}  // namespace rc
