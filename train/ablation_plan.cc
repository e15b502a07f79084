#include "train/ablation_plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"
#include "train/replace_folder.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kRecord = "ablation.json";

Config cell_config(ConfigSources sources, const AblationCell& cell, uint64_t seed) {
  sources.flags.emplace_back("seed", std::to_string(seed));
  for (const auto& setting : cell.settings) sources.flags.push_back(setting);
  return load_config(sources);
}

// The first cell of the whole table, chosen or not, that comes to the same settings: so a run has one name
// whichever cells were asked for.
const AblationCell& owner_of(const ConfigSources& base, uint64_t seed, const std::string& hash) {
  for (const AblationCell& cell : ablation_cells()) try {
      if (settings_hash(cell_config(base, cell, seed)) == hash) return cell;
    } catch (const Error&) {
      // Not possible under this base, so not the same.
    }
  throw Error(Exit::internal, "a cell equals itself", "ablation plan");
}

Json read_json(const fs::path& file) {
  Json json = Json::parse(read_file(file, 1 << 20), nullptr, false);
  if (!json.is_object()) throw Error(Exit::data, "damaged file " + file.string(), "not a JSON object");
  return json;
}

Config config_in(const fs::path& folder) {
  ConfigSources sources;
  sources.file = folder / "config.json";
  return load_config(sources);
}

// Leaves of a start that was cut off before its configuration was written; what else may be there stays.
void clear_unstarted(const fs::path& folder) {
  std::error_code ignored;
  fs::remove(folder / "cmdline.txt", ignored);
  fs::remove(folder / "checkpoints", ignored);
  fs::remove(folder, ignored);
}

// The settings that decide a run's numbers.
Json deciding(const Config& config) {
  Json json = to_json(config);
  for (const char* key : {"out", "device", "log"}) json.erase(key);
  for (const char* key : {"path", "workers", "prefetch"}) json["data"].erase(key);
  return json;
}

// The first setting in which two configurations differ, for the message.
std::string difference(const Config& there, const Config& here) {
  const Json a = deciding(there).flatten(), b = deciding(here).flatten();
  for (const auto& [pointer, value] : a.items()) {
    if (b.at(pointer) == value) continue;
    std::string key = pointer.substr(1);
    std::ranges::replace(key, '/', '.');
    return key + " is " + value.dump() + " there and " + b.at(pointer).dump() + " here";
  }
  throw Error(Exit::internal, "other settings differ somewhere", "ablation plan");
}

}  // namespace

AblationPlan plan_ablation(const ConfigSources& base, const std::vector<const AblationCell*>& cells,
                           const std::vector<uint64_t>& seeds, const fs::path& folder) {
  check(!cells.empty() && !seeds.empty(), "an ablation has cells and seeds");
  for (const auto& [key, text] : base.flags)
    if (key == "seed")
      throw Error(Exit::usage, "every run has its own seed", "--seed", "name them all with --seeds 1,2,3");
  const Config checked = load_config(base);
  if (checked.time_limit > 0)
    throw Error(Exit::usage, "a limit of time would compare cells at different steps", "--time-limit",
                "bound them by --steps or --max-steps");

  if (checked.optim.steps == 0)
    throw Error(Exit::usage, "epochs differ in length with and without forgery tuples", "optim.steps",
                "give all cells the same number of steps: --steps N");

  AblationPlan plan;
  for (const AblationCell* cell : cells) plan.rows.push_back({cell, cell->id, {}, {}});
  for (const uint64_t seed : seeds)
    for (AblationRow& row : plan.rows) try {
        AblationRun run;
        run.config = cell_config(base, *row.cell, seed);
        row.shares = owner_of(base, seed, settings_hash(run.config)).id;
        run.name = row.shares + "-s" + std::to_string(seed);
        run.config.out = (folder / run.name).string();
        row.runs.push_back(run.name);
        if (std::ranges::find(plan.runs, run.name, &AblationRun::name) == plan.runs.end())
          plan.runs.push_back(std::move(run));
      } catch (const Error& error) {
        row.problem = error.what();
      }
  return plan;
}

std::string settings_hash(const Config& config) { return sha256(deciding(config).dump()); }

std::string AblationEvaluation::text() const {
  std::string text = "split=" + split + " seed=" + std::to_string(seed);
  for (const Perturbation& p : perturbations) text += " " + p.text();
  return text;
}

AblationState ablation_state(const fs::path& folder, const AblationRun& run, const std::string& data_hash,
                             const AblationEvaluation& evaluation) {
  if (!fs::exists(folder / "config.json")) {
    clear_unstarted(folder);
    return AblationState::absent;
  }
  const std::string hint = "remove " + folder.string() + " to train it anew, or use another -o";
  if (const Config there = config_in(folder); settings_hash(there) != settings_hash(run.config))
    throw Error(Exit::usage, "the folder of " + run.name + " holds a run of other settings",
                difference(there, run.config), hint);
  recover_folders(folder / "checkpoints");
  const bool checkpoint = fs::exists(folder / "checkpoints" / "last" / "state.json");
  if (!checkpoint || !fs::exists(folder / "run.json"))
    return checkpoint ? AblationState::started : AblationState::absent;
  const Json record = read_json(folder / "run.json");
  if (const std::string seen = record.value("data_sha256", ""); seen != data_hash)
    throw Error(Exit::usage, "the folder of " + run.name + " holds a run on other data",
                "index " + seen.substr(0, 16) + " there and " + data_hash.substr(0, 16) + " here", hint);
  const std::string stopped = record.value("stopped", "");
  if (record.value("exit_status", Json()) != 0 || (stopped != "" && stopped != "steps"))
    return AblationState::started;

  if (!fs::exists(folder / kRecord)) return AblationState::trained;
  const Json done = read_json(folder / kRecord);
  const bool same = done.value("settings_sha256", "") == settings_hash(run.config) &&
                    done.value("weights_sha256", "") == record.value("weights_sha256", "-") &&
                    done.value("evaluation", "") == evaluation.text() &&
                    fs::exists(folder / "eval" / evaluation.split / "results.json");
  return same ? AblationState::finished : AblationState::trained;
}

void record_finished(const fs::path& folder, const AblationRun& run, const AblationEvaluation& evaluation) {
  const Json done = {{"settings_sha256", settings_hash(run.config)},
                     {"weights_sha256", read_json(folder / "run.json").value("weights_sha256", "")},
                     {"evaluation", evaluation.text()}};
  write_file(folder / kRecord, done.dump(2) + "\n");
}

}  // namespace rc
