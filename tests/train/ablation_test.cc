// The ablation: every cell is a configuration, equal cells share runs, a run's folder tells how far it has
// come, and figures, differences and words follow from predictions alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/file.h"
#include "engine/rng.h"
#include "tests/data/fixtures.h"
#include "train/ablation_chart.h"
#include "train/ablation_plan.h"
#include "train/ablation_results.h"
#include "train/ablation_table.h"
#include "train/predictions.h"
#include "train/robustness.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

ConfigSources base(std::vector<std::pair<std::string, std::string>> more = {}) {
  ConfigSources sources;
  sources.flags = {{"data.path", "corpus"}, {"optim.steps", "100"}};
  sources.flags.insert(sources.flags.end(), more.begin(), more.end());
  return sources;
}

AblationPlan plan_of(const std::string& cells, const std::vector<uint64_t>& seeds = {1},
                     const ConfigSources& sources = base()) {
  return plan_ablation(sources, parse_ablation_cells(cells), seeds, "dir");
}

const AblationRow& row_of(const AblationPlan& plan, const std::string& id) {
  return *std::ranges::find(plan.rows, id, [](const AblationRow& row) { return row.cell->id; });
}

const Config& config_of(const AblationPlan& plan, const std::string& id) {
  const auto found = std::ranges::find(plan.runs, row_of(plan, id).runs.at(0), &AblationRun::name);
  REQUIRE(found != plan.runs.end());
  return found->config;
}

// A folder as a run leaves it behind after `steps`, with predictions that tell fakes by `skill`.
void pretend_run(const std::filesystem::path& folder, const Config& config, const std::string& stopped,
                 int exit_status, const std::string& data = "data") {
  write_file(folder / "config.json", to_json(config).dump());
  write_file(folder / "checkpoints" / "last" / "state.json", "{}");
  write_file(
      folder / "run.json",
      Json{{"exit_status", exit_status}, {"stopped", stopped}, {"data_sha256", data}, {"weights_sha256", "w"}}
          .dump());
}

// 12 real and 12 fake videos of 3 frames; `hard` is shared by all runs: what the pairing is there for.
std::vector<FramePrediction> pretend_predictions(uint32_t run, double skill) {
  Rng own(21, Purpose::test, run);
  std::vector<FramePrediction> frames;
  for (int v = 0; v < 24; ++v) {
    Rng hard(22, Purpose::test, uint32_t(v));
    const double offset = hard.uniform(-0.3f, 0.3f);
    for (int f = 0; f < 3; ++f) {
      FramePrediction p{"set",
                        "test",
                        std::to_string(v),
                        f,
                        std::to_string(v) + "/" + std::to_string(f),
                        v % 2,
                        v % 2 ? "A" : "real",
                        0,
                        0,
                        0};
      p.prob_fake =
          std::round(1000 * (0.5 + offset + skill * p.label + double(own.uniform(-0.05f, 0.05f)))) / 1000;
      frames.push_back(p);
    }
  }
  return frames;
}

void pretend_evaluation(const std::filesystem::path& run, const AblationEvaluation& evaluation, uint32_t key,
                        double skill) {
  const auto set = run / "eval" / evaluation.split;
  write_file(set / "results.json", "{}");
  write_file(set / "predictions.csv", predictions_csv(pretend_predictions(key, skill)));
  for (const Perturbation& p : evaluation.perturbations)
    write_file(perturbed_predictions(set, p),
               predictions_csv(pretend_predictions(key + 100 * uint32_t(p.level), skill / (1 + p.level))));
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("ablation: every cell is a configuration over the defaults, and has a name of its own") {
    const AblationPlan plan = plan_of("all");
    CHECK(plan.rows.size() == ablation_cells().size());
    std::set<std::string> ids, titles;
    for (const AblationRow& row : plan.rows) {
      INFO(row.cell->id);
      CHECK(row.problem == "");
      CHECK(row.runs.size() == 1);
      ids.insert(row.cell->id), titles.insert(row.cell->title);
    }
    CHECK(ids.size() == plan.rows.size());
    CHECK(titles.size() == plan.rows.size());
  }

  TEST_CASE("ablation: the cells are the table of the method") {
    const AblationPlan plan = plan_of("all");
    CHECK(config_of(plan, "A0").loss.objective == "ce");
    CHECK(config_of(plan, "A0").sampler.pairing == "balanced");
    CHECK(config_of(plan, "A0p").sampler.pairing == "tuple");
    for (const char* id : {"A1", "A2", "A3", "A3a", "A3b", "A5", "A5a", "A5d", "A6-hp"})
      CHECK(config_of(plan, id).loss.hard_positive_share == 0);
    for (const char* id : {"A1", "A2", "A3", "A4", "A4d", "A6-hn"}) {
      CHECK(config_of(plan, id).loss.fused_pairs == 0);
      CHECK(config_of(plan, id).loss.fused_centre == 0);
      CHECK(config_of(plan, id).loss.hard_negatives == 0);
    }
    CHECK(config_of(plan, "A1").loss.margin == 0);
    CHECK(config_of(plan, "A1").sampler.pairing == "balanced");
    CHECK(config_of(plan, "A2").sampler.pairing == "tuple");
    CHECK(config_of(plan, "A3").loss.margin == 0.2);
    CHECK(config_of(plan, "A3a").loss.margin_type == "arc");
    CHECK(config_of(plan, "A3b").loss.form == "D2");
    CHECK(config_of(plan, "A4").loss.hard_positive_share == 0.25);
    CHECK(config_of(plan, "A4a").loss.hard_positive_role == "anchor");
    CHECK(config_of(plan, "A4b").loss.hard_positive_grad == "detach");
    CHECK(config_of(plan, "A4c").loss.extrapolation == "geodesic");
    CHECK(config_of(plan, "A4d").loss.hard_positive_classes == "both");
    CHECK(config_of(plan, "A5").loss.fused_pairs == 16);
    CHECK(config_of(plan, "A5a").loss.hard_negative_grad == "detach");
    CHECK(config_of(plan, "A5b").loss.fused_centre == 0);
    CHECK(config_of(plan, "A5b").loss.fused_pairs == 16);
    CHECK(config_of(plan, "A5c").loss.fused_pairs == 0);
    CHECK(config_of(plan, "A5c").loss.fused_centre == 8);
    CHECK(config_of(plan, "A5d").loss.hard_set == "anchor");
    CHECK(config_of(plan, "A6").loss.hard_positive_share == 0.25);
    CHECK(config_of(plan, "A6").loss.fused_pairs == 16);
    CHECK(config_of(plan, "A6-pairing").sampler.pairing == "balanced");
    CHECK(config_of(plan, "A6-margin").loss.margin == 0);
    CHECK(config_of(plan, "C1").loss.objective == "scl");
    CHECK(config_of(plan, "C1").loss.warmup_share == 0);
    CHECK(config_of(plan, "C2").loss.objective == "core");
    for (const AblationRun& run : plan.runs) {  // the base is everyone's
      CHECK(run.config.optim.steps == 100);
      CHECK(run.config.seed == 1);
      CHECK(run.config.sampler.seed == 1);
      CHECK(run.config.out == "dir/" + run.name);
    }
  }

  TEST_CASE("ablation: cells of equal settings share their runs, whichever are asked for") {
    const AblationPlan all = plan_of("all", {1, 2});
    CHECK(row_of(all, "A6-hn").shares == "A4");
    CHECK(row_of(all, "A6-hp").shares == "A5");
    CHECK(row_of(all, "A6-hp").runs == std::vector<std::string>{"A5-s1", "A5-s2"});
    std::set<std::string> hashes;
    for (const AblationRun& run : all.runs) CHECK(hashes.insert(settings_hash(run.config)).second);
    CHECK(all.runs.size() == 2 * (all.rows.size() - 2));
    CHECK(all.runs[0].name == "A0-s1");
    CHECK(all.runs.back().name == "C2-s2");  // all of seed 1 before those of seed 2

    const AblationPlan alone = plan_of("A6-hn");
    CHECK(alone.runs[0].name == "A4-s1");
    // Where the base has no margin, A3 is A2.
    CHECK(row_of(plan_of("A2,A3", {1}, base({{"loss.margin", "0"}})), "A3").shares == "A2");
  }

  TEST_CASE("ablation: what cannot run under a base is told, and what is wrong by itself refused") {
    const AblationPlan plan = plan_of("A0,C2", {1}, base({{"sampler.views", "1"}, {"sampler.batch", "32"}}));
    CHECK(row_of(plan, "A0").problem == "");
    CHECK(contains(row_of(plan, "C2").problem, "two sampler.views"));
    CHECK(row_of(plan, "C2").runs.empty());
    CHECK(plan.runs.size() == 1);
    const auto refused = [&](std::vector<std::pair<std::string, std::string>> more) {
      return error_of(Exit::usage, [&] { plan_of("A0", {1}, base(std::move(more))); });
    };
    CHECK(contains(refused({{"seed", "3"}}), "--seeds"));
    CHECK(contains(refused({{"time_limit", "5"}}), "--max-steps"));
    CHECK(contains(refused({{"optim.steps", "0"}}), "--steps N"));
    CHECK(contains(refused({{"optim.lr", "-1"}}), "optim.lr"));
  }

  TEST_CASE("ablation: names of cells and groups; a slip is answered with the nearest") {
    const auto ids = [](const std::string& text) {
      std::string out;
      for (const AblationCell* cell : parse_ablation_cells(text)) out += cell->id + " ";
      return out;
    };
    CHECK(ids("A6,A0") == "A0 A6 ");
    CHECK(ids("main") == "A0 A0p A1 A2 A3 A4 A5 A6 ");
    CHECK(ids("leave-one-out,A6,controls") == "A6 A6-pairing A6-margin A6-hp A6-hn C1 C2 ");
    CHECK(ids("variants") == "A3a A3b A4a A4b A4c A4d A5a A5b A5c A5d ");
    CHECK(contains(error_of(Exit::usage, [&] { ids("A6-hm"); }), "did you mean \"A6-hp\"?"));
    CHECK(contains(error_of(Exit::usage, [&] { ids("contrls"); }), "did you mean \"controls\"?"));
    CHECK(contains(error_of(Exit::usage, [&] { ids(""); }), "there are all, main"));
  }

  TEST_CASE("ablation: settings that decide nothing do not count, all others do") {
    const Config config = plan_of("A6").runs[0].config;
    const std::string hash = settings_hash(config);
    Config other = config;
    other.out = "elsewhere", other.device = "cuda:1", other.data.path = "moved", other.data.workers = 7,
    other.data.prefetch = 9, other.log.interval = 3, other.log.progress = "none";
    CHECK(settings_hash(other) == hash);
    other = config, other.optim.lr = 1e-3;
    CHECK(settings_hash(other) != hash);
    other = config, other.max_steps = 3;
    CHECK(settings_hash(other) != hash);
    other = config, other.threads = 5;
    CHECK(settings_hash(other) != hash);
  }

  TEST_CASE("ablation: how far a run has come stands in its folder") {
    const TemporaryFolder temporary;
    const std::filesystem::path folder = temporary / "A6-s1";
    const AblationRun run = plan_of("A6").runs[0];
    AblationEvaluation evaluation;
    const auto state = [&] { return ablation_state(folder, run, "data", evaluation); };
    CHECK(state() == AblationState::absent);
    write_file(folder / "cmdline.txt", "cut off");
    std::filesystem::create_directories(folder / "checkpoints");
    CHECK(state() == AblationState::absent);
    CHECK(!std::filesystem::exists(folder));  // so that training may begin there
    write_file(folder / "config.json", to_json(run.config).dump());
    CHECK(state() == AblationState::absent);  // no checkpoint to go on from
    pretend_run(folder, run.config, "signal", 130);
    CHECK(state() == AblationState::started);
    pretend_run(folder, run.config, "error", 6);
    CHECK(state() == AblationState::started);
    pretend_run(folder, run.config, "", 0);
    CHECK(state() == AblationState::trained);
    pretend_evaluation(folder, evaluation, 1, 0.1);
    CHECK(state() == AblationState::trained);  // nobody says that it was all of it
    record_finished(folder, run, evaluation);
    CHECK(state() == AblationState::finished);
    evaluation.perturbations = parse_perturbations("jpeg:1");
    CHECK(state() == AblationState::trained);  // to be measured anew, not trained
    CHECK(contains(error_of(Exit::usage, [&] { ablation_state(folder, run, "other", {}); }), "other data"));

    AblationRun other = run;
    other.config.optim.lr = 0.5;
    const std::string text = error_of(Exit::usage, [&] { ablation_state(folder, other, "data", {}); });
    CHECK(contains(text, "optim.lr is 0.0002 there and 0.5 here"));
    CHECK(contains(text, "remove " + folder.string()));
  }

  TEST_CASE("ablation: figures, differences and words follow from the predictions") {
    const TemporaryFolder folder;
    const AblationPlan plan = plan_of("A0,A3,A6-hn,A6", {1, 2});
    AblationEvaluation evaluation;
    evaluation.perturbations = parse_perturbations("jpeg:1,jpeg:3,noise:2");
    AblationResults results(folder.path(), evaluation);
    // A3 is clearly better than A0, A4 is as good as A0; A6 has one run of two.
    const std::vector<std::pair<std::string, double>> runs = {
        {"A0-s1", 0.15}, {"A0-s2", 0.15}, {"A3-s1", 0.5}, {"A3-s2", 0.5},
        {"A4-s1", 0.15}, {"A4-s2", 0.15}, {"A6-s2", 0.3}};
    uint32_t key = 0;
    for (const auto& [name, skill] : runs) {
      pretend_evaluation(folder / name, evaluation, ++key, skill);
      results.add(name);
    }
    const AblationRow &a0 = row_of(plan, "A0"), &a3 = row_of(plan, "A3"), &a6 = row_of(plan, "A6");
    const AblationCellResult& r = results.cell(a3, a0);
    // The mean over kinds of means over levels, by the definition and the pairs it counts.
    const auto auc = [&](uint32_t run, double skill) {
      return *auc_of(scored_set(pretend_predictions(run, skill))).frames;
    };
    const auto perturbed = [&](uint32_t run, double skill) {
      return ((auc(run + 100, skill / 2) + auc(run + 300, skill / 4)) / 2 + auc(run + 200, skill / 3)) / 2;
    };
    REQUIRE(r.frames.seeds.size() == 2);
    CHECK(r.frames.seeds[0] == auc(3, 0.5));
    CHECK(r.perturbed_frames.seeds[1] == doctest::Approx(perturbed(4, 0.5)).epsilon(1e-14));
    CHECK(r.kinds.size() == 2);
    CHECK(r.kinds[1].seeds[0] == doctest::Approx(auc(203, 0.5 / 3)).epsilon(1e-14));
    const double difference = (auc(3, 0.5) + auc(4, 0.5) - auc(1, 0.15) - auc(2, 0.15)) / 2;
    CHECK(r.frames.difference->difference == doctest::Approx(difference).epsilon(1e-13));
    CHECK(r.frames.difference->shown());
    CHECK(r.videos.difference->shown());
    CHECK(r.frames.ci->low <= r.frames.mean());
    CHECK(r.frames.ci->high >= r.frames.mean());
    CHECK(!results.cell(row_of(plan, "A6-hn"), a0).frames.difference->shown());
    CHECK(!results.cell(a0, a0).frames.difference);
    // One seed of two: the difference is over the seed that both have.
    CHECK(results.cell(a6, a0).frames.difference->difference ==
          doctest::Approx(auc(7, 0.3) - auc(2, 0.15)).epsilon(1e-13));

    const AblationTable table = ablation_table(plan, results, "A0", {{"A6-s1", "device gone"}});
    CHECK(contains(ablation_differences(table).text(), "no difference shown"));
    const std::string differences = ablation_differences(table).markdown();  // A3, A6, A6-hn
    CHECK(differences.find("no difference") > differences.find("| A6 |"));
    CHECK(contains(ablation_notes(table), "A6-hn: same settings as A4"));
    CHECK(contains(ablation_notes(table), "A6: A6-s1 failed: device gone"));
    const std::string csv = ablation_csv(table), markdown = ablation_markdown(table, {{"seeds", "1, 2"}});
    CHECK(contains(csv, ",better,"));
    CHECK(contains(csv, "no difference shown"));
    CHECK(contains(markdown, "reconstruction"));
    CHECK(contains(markdown, "- seeds: 1, 2"));
    const std::string chart = ablation_chart(table);
    CHECK(contains(chart, "prefers-color-scheme: dark"));
    CHECK(chart.find("nan") == std::string::npos);
    CHECK(chart.find("–\"") == std::string::npos);  // a coordinate that is no number
  }

  TEST_CASE("ablation: a table of nothing yet, and runs of other frames") {
    const TemporaryFolder folder;
    const AblationPlan plan = plan_of("A0,A6", {1});
    AblationResults results(folder.path(), {});
    const AblationTable table = ablation_table(plan, results, "A0", {});
    CHECK(contains(ablation_notes(table), "A6: not finished: A6-s1"));
    CHECK(contains(ablation_chart(table), "no finished run"));
    CHECK(ablation_chart(table).find("nan") == std::string::npos);
    pretend_evaluation(folder / "A0-s1", {}, 1, 0.1);
    pretend_evaluation(folder / "A6-s1", {}, 2, 0.1);
    auto fewer = pretend_predictions(2, 0.1);
    fewer.pop_back();
    write_file(folder / "A6-s1" / "eval" / "test" / "predictions.csv", predictions_csv(fewer));
    results.add("A0-s1");
    CHECK(contains(error_of(Exit::data, [&] { results.add("A6-s1"); }), "different frames"));
  }

  TEST_CASE("ablation: the words of a difference") {
    CHECK(difference_text({0.0041, {-0.0102, 0.018}}) == "+0.0041 [-0.0102, +0.0180] no difference shown");
    CHECK(difference_text({0.05, {0.01, 0.09}}) == "+0.0500 [+0.0100, +0.0900]");
    CHECK(difference_text({-0.05, {-0.09, -0.01}}) == "-0.0500 [-0.0900, -0.0100]");
    CHECK(difference_text({0.05, {0, 0.09}}) == "+0.0500 [+0.0000, +0.0900] no difference shown");
  }
}

}  // namespace rc
