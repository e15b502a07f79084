// The report: complete and partial runs, the same bytes, hostile names, damaged files; charts of odd data.
#include "train/report.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/rng.h"
#include "tests/data/fixtures.h"
#include "train/config.h"
#include "train/evaluation.h"
#include "train/plot.h"
#include "train/run_folder.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

float normal(Rng& rng) {  // Box-Muller
  const float r = std::sqrt(-2 * std::log(rng.uniform_open0()));
  return r * std::cos(6.2831853f * rng.uniform());
}

// A run as training leaves it: a falling loss, four methods of different difficulty, one of them with a
// hostile name.
void make_run(const fs::path& path) {
  RunFolder run(path, Existing::refuse);
  Config config;
  config.data.path = "faces & <forgeries>";
  run.write_config(to_json(config));
  run.write_record({"cpu", 2, {{"oneDNN", "2.6.3"}}, std::string(64, 'd'), std::string(64, 'w'), 0, ""});
  Rng noise(1, Purpose::test, 1);
  for (int64_t step = 1; step <= 800; ++step) {
    const double ce = 0.7 * std::exp(-double(step) / 200) + 0.05 + 0.02 * normal(noise);
    const double margin = 2.5 * std::exp(-double(step) / 350) + 0.8 + 0.1 * normal(noise);
    run.add_metrics({{"step", step},
                     {"loss", (ce + margin) / 2},
                     {"loss_ce", ce},
                     {"loss_margin", margin},
                     {"real_centre_q50", 1 - margin / 4},
                     {"alignment", 1 - margin / 5},
                     {"lr", 1e-4 * (1 + std::cos(3.14159 * double(step) / 800))}});
    if (step % 100 == 0)
      run.add_epoch({{"epoch", step / 100},
                     {"step", step},
                     {"val_auc", 1 - 0.4 * std::exp(-double(step) / 250)},
                     {"val_video_auc", 1 - 0.35 * std::exp(-double(step) / 220)}});
  }
  std::vector<FramePrediction> frames;
  const char* names[] = {"real", "blend", "expression", "resample<x>", "swap"};
  const float ease[] = {-1.6f, 1.8f, 0.6f, 2.4f, 1.2f};
  for (int method = 0; method < 5; ++method)
    for (int video = 0; video < 24; ++video)
      for (int frame = 0; frame < 8; ++frame) {
        Rng rng(2, Purpose::test, uint32_t(method * 100 + video), uint32_t(frame));
        Rng of_video(3, Purpose::test, uint32_t(method * 100 + video));
        const double score = 1 / (1 + std::exp(-(ease[method] + normal(of_video) + 0.7f * normal(rng))));
        frames.push_back(
            {"faces", "test", std::to_string(video), frame, "x.png", method > 0, names[method], score, 0, 0});
      }
  const ScoredSet set = scored_set(frames);
  write_evaluation(run.evaluation("test"), evaluate("test", set, 1), set);
  write_file(run.evaluation("test") / "predictions.csv", predictions_csv(frames));
}

std::string report_of(const fs::path& run) { return report_html(std::vector{run}); }

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("report: everything of a run, the same bytes twice, no scripts, nothing from elsewhere") {
    const TemporaryFolder folder;
    make_run(folder / "demo");
    const std::string page = report_of(folder / "demo");
    CHECK(page == report_of(folder / "demo"));
    for (const char* part : {"<h1>demo</h1>", "frame AUC on test", "loss_margin", "real_centre_q50",
                             "alignment", "val_video_auc", "ROC", "Scores of frames", "expression",
                             "optim.lr", "oneDNN", "weights_sha256", "finished"})
      CHECK_MESSAGE(page.find(part) != std::string::npos, part);
    for (const char* part : {"<script", "http:", "https:", "src=", "url(", "<x>", "<forgeries>"})
      CHECK_MESSAGE(page.find(part) == std::string::npos, part);
    CHECK(page.find("faces &amp; &lt;forgeries&gt;") != std::string::npos);
    for (const char* element : {"svg", "section", "table", "tr", "td", "div", "text"})
      CHECK_MESSAGE(
          count(page, std::string("<") + element + ">") + count(page, std::string("<") + element + " ") ==
              count(page, std::string("</") + element + ">"),
          element);
    write_report(folder / "demo");
    CHECK(read_file(folder / "demo/report.html") == page);
  }

  TEST_CASE("report: a run that has only begun, and one class only") {
    const TemporaryFolder folder;
    RunFolder run(folder / "new", Existing::refuse);
    run.write_config({{"seed", 1}});
    CHECK(report_of(folder / "new").find("not finished") != std::string::npos);
    const std::vector<FramePrediction> reals = {{"d", "test", "1", 0, "p", 0, "real", 0.5, 0, 0}};
    const ScoredSet set = scored_set(reals);
    write_evaluation(run.evaluation("x"), evaluate("x", set, 1), set);
    write_file(run.evaluation("x") / "predictions.csv", predictions_csv(reals));
    const std::string page = report_of(folder / "new");
    CHECK(page.find("<td>–</td>") != std::string::npos);
  }

  TEST_CASE("report: interference and calibration, as results.json has them") {
    const TemporaryFolder folder;
    make_run(folder / "demo");
    const fs::path file = folder / "demo/eval/test/results.json";
    auto results = nlohmann::ordered_json::parse(read_file(file));
    for (int level = 1; level <= 5; ++level)
      results["perturbations"]["blur"][std::to_string(level)] = {
          {"parameter", level}, {"frame_auc", 0.9 - 0.08 * level}, {"video_auc", 0.95 - 0.05 * level}};
    results["perturbations"]["blur"]["mean"] = {{"frame_auc", 0.66}, {"video_auc", 0.8}};
    results["perturbations"]["vc"]["3"] = {{"parameter", 30}, {"frame_auc", nullptr}, {"video_auc", nullptr}};
    results["perturbations"]["mean"] = {{"frame_auc", nullptr}, {"video_auc", nullptr}};
    results["perturbations"]["groups"]["dfo"] = {{"frame_auc", 0.6601}, {"video_auc", 0.8002}};
    auto& frames = results["all"]["frames"];
    frames["ece"] = 0.0321;
    frames["reliability"] = {{{"count", 0}, {"mean_score", nullptr}, {"fake_share", nullptr}},
                             {{"count", 960}, {"mean_score", 0.4}, {"fake_share", 0.5}}};
    write_file(file, results.dump());
    const std::string page = report_of(folder / "demo");
    for (const char* part : {"Under interference", ">0.5000</td>", "0.6601", "dfo", "vc", "Calibration",
                             "expected calibration error 0.0321", "class=\"h5\">0.5000"})
      CHECK_MESSAGE(page.find(part) != std::string::npos, part);
  }

  TEST_CASE("report: several runs side by side, by their names, or by their paths where names are the same") {
    const TemporaryFolder folder;
    make_run(folder / "a"), make_run(folder / "b/a");
    Config config;
    config.loss.objective = "ce";
    RunFolder(folder / "b/a", Existing::resume).write_config(to_json(config));
    const std::vector<fs::path> runs = {folder / "a", folder / "b/a"};
    const std::string page = report_html(runs);
    CHECK(page == report_html(runs));
    for (const std::string& part :
         {std::string("2 runs"), std::string("Side by side"), std::string("What was set differently"),
          std::string("<td>loss.objective</td><td>full</td><td>ce</td>"),
          std::string("ROC of videos on test"), std::string("id=\"run-2\""), (folder / "b/a").string()})
      CHECK_MESSAGE(page.find(part) != std::string::npos, part);
    CHECK(count(page, "<h2>Provenance</h2>") == 2);
  }

  TEST_CASE("report: no run, damaged files") {
    const TemporaryFolder folder;
    const auto code_of = [&] {
      try {
        report_of(folder / "r");
      } catch (const Error& e) {
        return e.code();
      }
      return Exit::ok;
    };
    CHECK(code_of() == Exit::data);
    write_file(folder / "r/config.json", "{}");
    CHECK(code_of() == Exit::ok);
    const std::string deep = std::string(1 << 20, '[') + std::string(1 << 20, ']');
    for (const auto& file :
         std::vector<std::pair<std::string, std::string>>{{"r/config.json", "[1]"},
                                                          {"r/config.json", "{\"a\": " + deep + "}"},
                                                          {"r/run.json", "{"},
                                                          {"r/metrics.jsonl", "not json\n"},
                                                          {"r/metrics.csv", "step,val_auc\n1\n"},
                                                          {"r/eval/t/results.json", "{}"}}) {
      INFO(file.first);
      write_file(folder / "r/config.json", "{}");
      write_file(folder / file.first, file.second);
      CHECK(code_of() == Exit::data);
      fs::remove(folder / file.first);
    }
  }

  TEST_CASE("charts: any numbers give finite coordinates") {
    const double huge = 1e308, tiny = 1e-308;
    for (const auto& points :
         std::vector<std::vector<std::pair<double, double>>>{{},
                                                             {{1, 2}},
                                                             {{1, NAN}, {2, INFINITY}},
                                                             {{0, 5}, {0, 5}},
                                                             {{-3, -7}, {4, -6}},
                                                             {{0, tiny}, {1, tiny}},
                                                             {{0, 1e17}, {1, std::nextafter(1e17, huge)}},
                                                             {{0, 0}, {1, huge}}}) {
      const std::vector<Series> series = {{"s", points, 1}};
      const std::string svg = line_chart(series, axis_of(series, true, "x"), axis_of(series, false, "y"), {});
      CHECK(svg.find("–") == std::string::npos);  // what `fixed` makes of what is not finite
      CHECK(svg.find("</svg>") == svg.size() - 6);
    }
    CHECK(histogram({}, {}, "none", 2).find("–") == std::string::npos);
    CHECK(histogram({0, 1, 0.5, -1, 7}, {1}, "odd", 2).find("–") == std::string::npos);
  }

  TEST_CASE("charts: a point is where its numbers say") {
    const std::vector<Series> series = {{"s", {{0, 0}, {1, 1}}, 1}};
    const std::string svg = line_chart(series, {"x", 0, 1}, {"y", 0, 1}, {460, 380, true});
    CHECK(svg.find("points=\"52.0,336.0 444.0,28.0 \"") !=
          std::string::npos);  // margins 52 16 44 28 of 460 x 380
  }
}

}  // namespace rc
