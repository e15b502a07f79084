#include "train/config.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/device.h"
#include "engine/error.h"
#include "engine/file.h"
#include "model/backbone.h"
#include "train/augmentations.h"
#include "train/config_schema.h"
#include "train/json_settings.h"
#include "train/recompute.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

// Collects what is wrong while the sources are laid over each other.
struct Loading {
  Config config;
  std::vector<std::string> problems;

  void unknown(const std::string& key, const std::string& where) {
    const std::string near = nearest_key(key);
    problems.push_back("unknown key \"" + key + "\" in " + where +
                       (near.empty() ? "" : " — did you mean \"" + near + "\"?"));
  }
  void note(const std::string& key, const std::string& problem, const std::string& where) {
    if (!problem.empty()) problems.push_back(key + " " + problem + " in " + where);
  }
};

bool is_group(const std::string& key) {
  return std::any_of(config_fields().begin(), config_fields().end(),
                     [&](const ConfigField& field) { return std::string(field.key).starts_with(key + "."); });
}

void load_file(const fs::path& path, Loading& loading, std::vector<fs::path> chain) {
  const fs::path identity = fs::weakly_canonical(path);
  if (std::find(chain.begin(), chain.end(), identity) != chain.end()) {
    loading.problems.push_back(path.string() + " extends itself");
    return;
  }
  chain.push_back(identity);

  std::error_code missing;
  if (!fs::is_regular_file(path, missing))
    throw Error(Exit::usage, "cannot read the configuration " + path.string(), "no such file",
                chain.size() > 1 ? "\"extends\" is relative to the file that says it" : "");
  constexpr uint64_t kLargest = 1 << 20;
  const std::string name = path.string();
  const std::vector<JsonSetting> settings = parse_json_settings(read_file(path, kLargest), name);

  for (const JsonSetting& s : settings)
    if (s.key == "extends") {
      if (s.value.is_string())
        load_file(path.parent_path() / s.value.get<std::string>(), loading, chain);
      else
        loading.note(s.key, "must be a string", name + ":" + std::to_string(s.line));
    }

  std::map<std::string, int> seen;
  for (const JsonSetting& s : settings) {
    const std::string where = name + ":" + std::to_string(s.line);
    if (const auto [at, fresh] = seen.emplace(s.key, s.line); !fresh) {
      loading.note(s.key, "is already set in line " + std::to_string(at->second), where);
      continue;
    }
    if (s.key == "extends" || s.key == "$schema" || (s.value == Json::object() && is_group(s.key))) continue;
    if (const ConfigField* field = find_field(s.key))
      loading.note(s.key, assign(*field, loading.config, s.value), where);
    else if (is_group(s.key))
      loading.note(s.key, "must be an object", where);
    else
      loading.unknown(s.key, where);
  }
}

bool is_device(const std::string& text) { return text == "auto" || text == "cpu" || cuda_ordinal(text); }

// Rules between settings; each says what to change.
void check_rules(const Config& c, std::vector<std::string>& problems) {
  const auto rule = [&](bool holds, const std::string& text) {
    if (!holds) problems.push_back(text);
  };
  const int fakes = c.sampler.batch / 2 * c.sampler.views;
  const bool mixes = c.loss.fused_pairs > 0 || c.loss.fused_centre > 0;

  rule(!c.data.path.empty(), "no data: give --data PATH or \"data.path\"");
  rule(is_device(c.device), "device must be auto, cpu or cuda:N, not \"" + c.device + "\"");
  rule(recompute_of(c.recompute).has_value(),
       "recompute must be none, blocks, a number of blocks or auto:BYTES such as auto:6G, not \"" +
           c.recompute + "\"");
  rule(c.sampler.batch % 2 == 0,
       "sampler.batch must be even, half of it is real, not " + std::to_string(c.sampler.batch));
  rule(c.sampler.pairing != "tuple" || c.sampler.batch % 4 == 0,
       "sampler.batch must be a multiple of 4 under sampler.pairing \"tuple\", not " +
           std::to_string(c.sampler.batch));
  rule(c.sampler.method_pair == "any" || c.sampler.pairing != "balanced",
       "sampler.method_pair \"" + c.sampler.method_pair +
           "\" contradicts sampler.pairing \"balanced\", which takes no pairs");
  const Augmentation aug = augmentations(c).back();
  rule(!aug.self_blended || c.sampler.pairing == "balanced",
       "aug.preset \"sbi\" makes fakes of the reals of a batch: sampler.pairing must be \"balanced\"");
  rule(!aug.self_blended || !c.data.jpeg_scale,
       "aug.preset \"sbi\" has landmarks of whole images: without data.jpeg_scale");
  rule(aug.jpeg_quality_min <= aug.jpeg_quality_max, "aug.jpeg_quality_min is above aug.jpeg_quality_max (" +
                                                         std::to_string(aug.jpeg_quality_min) + " and " +
                                                         std::to_string(aug.jpeg_quality_max) + ")");
  rule(c.model.drop_path <= 0 || find_backbone(c.model.name).drop_path > 0,
       "model.drop_path has no effect on \"" + c.model.name + "\", which has no stochastic depth");
  rule(c.optim.min_lr <= c.optim.lr, "optim.min_lr is above optim.lr");
  rule(c.optim.steps > 0 || c.optim.warmup_epochs < c.optim.epochs,
       "optim.warmup_epochs leaves nothing of optim.epochs");
  rule(c.loss.objective != "core" || c.sampler.views == 2,
       "loss.objective \"core\" compares two sampler.views");
  if (c.loss.objective != "full") return;
  rule(c.loss.hard_positive_start >= c.loss.warmup_share && c.loss.hard_negative_start >= c.loss.warmup_share,
       "loss.hard_positive_start or loss.hard_negative_start is before the end of loss.warmup_share, "
       "when mined samples have no weight");
  rule(c.loss.centre_by == "nearest" || c.loss.centres == c.sampler.views,
       "loss.centre_by \"view\" needs as many loss.centres as sampler.views");
  rule(c.loss.queue == 0 || mixes, "loss.queue has no effect without loss.fused_pairs or loss.fused_centre");
  rule(c.loss.hard_negatives <= fakes + c.loss.queue,
       "loss.hard_negatives is more than the " + std::to_string(fakes) +
           " fake embeddings of a batch (sampler.batch / 2 * sampler.views) and the loss.queue");
  rule(!mixes || c.loss.hard_negatives > 0,
       "loss.fused_pairs and loss.fused_centre need loss.hard_negatives above 0");
  rule(c.loss.fused_pairs == 0 || c.loss.hard_negatives != 1,
       "loss.fused_pairs needs at least 2 loss.hard_negatives");
  rule(c.loss.hard_negatives == 0 || mixes,
       "loss.hard_negatives has no effect without loss.fused_pairs or loss.fused_centre");
}

}  // namespace

Config load_config(const ConfigSources& sources) {
  Loading loading;
  if (!sources.file.empty()) load_file(sources.file, loading, {});

  for (const std::string& item : sources.set) {
    const size_t equals = item.find('=');
    const std::string key = item.substr(0, equals), where = "--set " + item;
    if (equals == std::string::npos)
      loading.problems.push_back("--set " + item + " must be key=value");
    else if (const ConfigField* field = find_field(key))
      loading.note(key, assign_text(*field, loading.config, item.substr(equals + 1)), where);
    else
      loading.unknown(key, where);
  }
  for (const auto& [key, text] : sources.flags) {
    const ConfigField* field = find_field(key);
    check(field != nullptr, "a flag of no setting", key);
    loading.note(key, assign_text(*field, loading.config, text), field->flag);
  }

  Config& config = loading.config;
  config.sampler.seed = config.seed;
  if (config.aug.preset == "sbi" && config.sampler.pairing == "auto") config.sampler.pairing = "balanced";
  check_rules(config, loading.problems);

  const std::vector<std::string>& problems = loading.problems;
  if (problems.size() == 1) throw Error(Exit::usage, problems[0]);
  if (!problems.empty()) {
    std::string list = std::to_string(problems.size()) + " problems in the configuration:";
    for (const std::string& problem : problems) list += "\n  " + problem;
    throw Error(Exit::usage, list);
  }
  return config;
}

Json to_json(const Config& config) {
  Json root = Json::object();
  for (const ConfigField& field : config_fields()) {
    const std::string key = field.key;
    const size_t dot = key.find('.');
    if (dot == std::string::npos)
      root[key] = value_of(field, config);
    else
      root[key.substr(0, dot)][key.substr(dot + 1)] = value_of(field, config);
  }
  return root;
}

}  // namespace rc
