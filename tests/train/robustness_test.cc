// Robustness: means over levels and kinds, their files and their table; predictions survive their CSV.
#include "train/robustness.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "engine/file.h"
#include "tests/data/fixtures.h"
#include "train/row.h"

namespace rc {
namespace {

Robustness example() {
  Robustness r;
  const auto levels = parse_perturbations("jpeg:1,jpeg:4,noise:2");
  r.levels = {{levels[0], {0.9, 0.95}}, {levels[1], {0.7, 0.75}}, {levels[2], {0.6, std::nullopt}, 4}};
  return r;
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("robustness: a kind is the mean of its levels, the whole the mean of kinds") {
    const Robustness r = example();
    REQUIRE(r.kinds().size() == 2);
    CHECK(*r.mean(*r.kinds()[0]).frames == doctest::Approx(0.8).epsilon(1e-15));
    CHECK(*r.mean(*r.kinds()[0]).videos == doctest::Approx(0.85).epsilon(1e-15));
    CHECK(*r.mean().frames == doctest::Approx(0.7).epsilon(1e-15));  // not the mean of the three levels
    CHECK(!r.mean().videos);                                         // one is not defined
    CHECK(*r.level(*r.kinds()[0], 4)->frames == 0.7);
    CHECK(r.level(*r.kinds()[0], 2) == nullptr);
    CHECK(!Robustness().mean().frames);
  }

  TEST_CASE("robustness: a group has a mean where all its levels are here, of the levels that it names") {
    Robustness r;
    for (const Perturbation& p : parse_perturbations("internet,jpeg:5"))
      r.levels.push_back({p, {p.kind->name == std::string("jpeg") ? 0.9 : 0.6, 0.5}});
    r.levels[4].auc.frames = 0.1;  // jpeg:5 is not the group's
    const PerturbationGroup& internet = perturbation_groups()[1];
    CHECK(internet.name == std::string("internet"));
    CHECK(*r.mean(internet)->frames == doctest::Approx((0.9 + 0.6 + 0.6) / 3).epsilon(1e-15));
    CHECK(!r.mean(perturbation_groups()[0]));
    CHECK(to_json(r)["groups"]["internet"]["video_auc"] == doctest::Approx(0.5).epsilon(1e-15));
    CHECK(contains(robustness_table(r).text(), "mean of internet"));
    r.levels.erase(r.levels.begin());
    CHECK(!r.mean(internet));
  }

  TEST_CASE("robustness: as JSON, CSV and a table") {
    const auto json = to_json(example());
    CHECK(json["jpeg"]["4"]["frame_auc"] == 0.7);
    CHECK(json["jpeg"]["4"]["parameter"] == 30);
    CHECK(json["noise"]["2"]["video_auc"].is_null());
    CHECK(json["noise"]["2"]["unchanged"] == 4);
    CHECK(!json.contains("groups"));
    CHECK(json["noise"]["mean"]["frame_auc"] == 0.6);
    CHECK(json["mean"]["video_auc"].is_null());
    const auto rows = parse_csv(robustness_csv(example()), "csv");
    REQUIRE(rows.size() == 7);
    CHECK(rows[1] == std::vector<std::string>{"jpeg", "1", "90", "0.9", "0.95", "0"});
    CHECK(rows[3] == std::vector<std::string>{"noise", "2", "0.002", "0.6", "", "4"});
    CHECK(rows[4][1] == "mean");
    CHECK(rows[6][0] == "mean");
    const std::string table = robustness_table(example()).markdown();
    CHECK(contains(table,
                   "| jpeg | 0.9000 | – | – | 0.7000 | – | 0.8000 | 0.9500 | – | – | 0.7500 | – | 0.8500 |"));
    CHECK(contains(table, "| noise | – | 0.6000 | – | – | – | 0.6000 | – | – | – | – | – | – |"));
  }

  TEST_CASE("predictions: the CSV reads back to the bit; damage is named with its row") {
    const TemporaryFolder folder;
    const std::vector<FramePrediction> frames = {
        {"a \"set\", named", "test", "v/1", 3, "p,q.png", 0, "real", 0.1 + 0.2, 0.1f, -3e-20f},
        {"set", "test", "w", 0, "w.png", 1, "A", 1.0 / 3, 1e10f, 0.25f}};
    write_file(folder / "p.csv", predictions_csv(frames));
    const auto back = read_predictions(folder / "p.csv");
    REQUIRE(back.size() == 2);
    CHECK(back[0].dataset == frames[0].dataset);
    CHECK(back[0].path == frames[0].path);
    CHECK(back[0].frame == 3);
    CHECK(back[0].prob_fake == frames[0].prob_fake);
    CHECK(back[0].logit1 == frames[0].logit1);
    CHECK(back[1].label == 1);
    CHECK(predictions_csv(back) == predictions_csv(frames));

    std::string text = predictions_csv(frames);
    text.replace(text.find("w.png,1"), 7, "w.png,x");
    write_file(folder / "p.csv", text);
    CHECK(contains(error_of(Exit::data, [&] { read_predictions(folder / "p.csv"); }), "row 3: not a number"));
    write_file(folder / "p.csv", "path,label\n");
    CHECK(contains(error_of(Exit::data, [&] { read_predictions(folder / "p.csv"); }), "not the columns"));
  }

  TEST_CASE("robustness: the AUC of frames and of the videos they make") {
    // Reals 0.2 and 0.4 of one video; a fake of frames 0.3 and 0.9: 3 of 4 pairs, and 0.6 over 0.3.
    std::vector<FramePrediction> frames(4);
    const double score[] = {0.2, 0.4, 0.3, 0.9};
    for (int i = 0; i < 4; ++i)
      frames[size_t(i)].label = i / 2, frames[size_t(i)].video = i / 2 ? "f" : "r",
      frames[size_t(i)].prob_fake = score[i];
    CHECK(*auc_of(scored_set(frames)).frames == 0.75);
    CHECK(*auc_of(scored_set(frames)).videos == 1);
    frames.resize(2);
    CHECK(!auc_of(scored_set(frames)).frames);
  }
}

}  // namespace rc
