#include "train/expectation.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/nearest.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

const std::vector<std::string> kMetrics = {
    "auc",   "eer", "eer_interp", "ap",   "acc",  "tdr_fpr_1e-2",       "tdr_fpr_1e-3",      "ece",
    "brier", "nll", "count",      "real", "fake", "tdr_fpr_1e-2_reals", "tdr_fpr_1e-3_reals"};

std::string escaped(const std::string& key) {
  std::string out;
  for (char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  Expectation read(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) refuse("not a JSON object");
    add_protocol(json);
    if (json.contains("dataset") && json["dataset"].is_string()) {
      add_results(json["dataset"], json);
    } else {
      const bool summary = json.contains("sets") && json["sets"].is_object();
      for (const auto& [set, value] : (summary ? json["sets"] : json).items()) add_set(set, value);
      if (summary && json.contains(kMeanOfSets)) add_level(kMeanOfSets, "/all", json[kMeanOfSets], 2);
    }
    if (out_.numbers.empty()) refuse("it holds no number of an evaluation");
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why, const std::string& hint = {}) const {
    throw Error(
        Exit::data, "cannot compare with " + name_, why,
        hint.empty() ? "give a results.json, or {\"NAME\": {\"auc\": 0.9, \"video_auc\": 0.95}}" : hint);
  }

  void add_protocol(const Json& json) {
    if (!json.contains("protocol") || !json["protocol"].is_object()) return;
    for (const auto& [key, value] : json["protocol"].items())
      if (value.is_primitive())
        out_.protocol[key] = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  void add_set(const std::string& set, const Json& value) {
    if (!value.is_object()) refuse("\"" + set + "\" is not an object of metrics");
    value.contains("all") ? add_results(set, value) : add_metrics(set, value);
  }

  // By hand: frames' metrics, and videos' with "video_" before them.
  void add_metrics(const std::string& set, const Json& metrics) {
    for (const auto& [key, value] : metrics.items()) {
      const bool of_videos = key.starts_with("video_");
      const std::string metric = of_videos ? key.substr(6) : key;
      if (std::ranges::find(kMetrics, metric) == kMetrics.end()) {
        const std::string near = nearest(metric, kMetrics);
        refuse("there is no metric \"" + key + "\" (set " + set + ")",
               near.empty() ? "" : "did you mean \"" + std::string(of_videos ? "video_" : "") + near + "\"?");
      }
      if (!value.is_number() && !value.is_null()) refuse("\"" + key + "\" of " + set + " is not a number");
      add(set, std::string(of_videos ? "/all/videos/" : "/all/frames/") + metric, value);
    }
  }

  void add_results(const std::string& set, const Json& results) {
    constexpr int kDepth = 3;  // perturbations/<kind>/<level>/frame_auc
    for (const char* part : {"all", "methods", "scores", "perturbations"})
      if (results.contains(part)) add_level(set, std::string("/") + part, results[part], kDepth);
  }

  // Every number at most `depth` objects further down.
  void add_level(const std::string& set, const std::string& pointer, const Json& value, int depth) {
    if (value.is_number() || value.is_null()) add(set, pointer, value);
    if (!value.is_object() || depth == 0) return;
    for (const auto& [key, inner] : value.items())
      if (key != "auc_ci95") add_level(set, pointer + "/" + escaped(key), inner, depth - 1);
  }

  void add(const std::string& set, const std::string& pointer, const Json& value) {
    out_.numbers.push_back(
        {set, pointer, value.is_null() ? std::nullopt : std::optional(value.get<double>())});
  }

  const std::string& name_;
  Expectation out_;
};

}  // namespace

Expectation parse_expectation(std::string_view text, const std::string& name) {
  return Reader(name).read(text);
}

}  // namespace rc
