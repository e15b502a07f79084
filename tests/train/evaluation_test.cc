// Evaluation: frames become videos, methods are measured against all reals, and the files say what was
// measured.
#include "train/evaluation.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "engine/file.h"
#include "tests/data/fixtures.h"
#include "train/row.h"

namespace rc {
namespace {

FramePrediction frame(const std::string& video, int number, int label, const std::string& method,
                      double score) {
  return {"set", "test", video, number, video + "/" + std::to_string(number) + ".png",
          label, method, score, 0.1f,   0.25f};
}

// Two real videos; method A is found, B is not; the video 1_2 exists under both methods.
std::vector<FramePrediction> example() {
  return {frame("1", 0, 0, "real", 0.2), frame("1", 1, 0, "real", 0.4), frame("2", 0, 0, "real", 0.1),
          frame("1_2", 0, 1, "A", 0.9),  frame("1_2", 1, 1, "A", 0.7),  frame("1_2", 0, 1, "B", 0.05),
          frame("2_1", 0, 1, "B", 0.15)};
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("evaluation: a video is (dataset, label, method, name) and scores the mean of its frames") {
    const ScoredSet set = scored_set(example());
    CHECK(set.video == std::vector<int>{0, 0, 1, 2, 2, 3, 4});
    const std::vector<VideoPrediction> videos = video_predictions(set, VideoKey::identity, {set.prob_fake});
    REQUIRE(videos.size() == 5);
    CHECK(videos[0].video == "1");
    CHECK(videos[0].n_frames == 2);
    CHECK(videos[0].prob_fake == doctest::Approx(0.3).epsilon(1e-15));
    CHECK(videos[2].method == "A");
    CHECK(videos[2].prob_fake == doctest::Approx(0.8).epsilon(1e-15));
    CHECK(videos[3].method == "B");
    CHECK(videos[3].video == "1_2");
    CHECK(videos[3].prob_fake == 0.05);
  }

  TEST_CASE("evaluation: each method against all reals, by frame and by video") {
    const Evaluation e = evaluate("set", scored_set(example()), 1);
    CHECK(e.all.frames.count == 7);
    CHECK(e.all.videos.count == 5);
    CHECK(*e.all.frames.auc == 7.0 / 12);  // A wins 3 + 3 of the reals' frames, B 0 + 1
    REQUIRE(e.methods.size() == 2);
    CHECK(e.methods[0].method == "A");
    CHECK(*e.methods[0].level.frames.auc == 1);
    CHECK(e.methods[0].level.videos.fake == 1);
    CHECK(e.methods[0].level.videos.real == 2);
    CHECK(*e.methods[1].level.frames.auc == 1.0 / 6);
    CHECK(*e.methods[1].level.videos.auc == 0.25);
    CHECK(e.methods[0].level.videos_ci->low == 1);
  }

  TEST_CASE("evaluation: one method has no table of methods; one class has nulls with a reason") {
    std::vector<FramePrediction> frames = example();
    frames.resize(5);
    CHECK(evaluate("set", scored_set(frames), 1).methods.empty());
    frames.resize(3);
    const auto json = to_json(evaluate("set", scored_set(frames), 1));
    CHECK(json["all"]["frames"]["auc"].is_null());
    CHECK(json["all"]["videos"]["auc_ci95"].is_null());
    CHECK(json["all"]["frames"]["reason"] == "no fake one");
    CHECK(json["all"]["frames"]["acc"] == 1.0);
  }

  TEST_CASE("evaluation: by the distance to the centre and by both, where every frame has one") {
    std::vector<FramePrediction> frames = example();
    CHECK(evaluate("set", scored_set(frames), 1).scores.empty());
    // Falls as P(fake) grows for A, and tells B from the reals.
    const float distance[] = {0.5f, 0.25f, 0.5f, 0.125f, 0.25f, 1.5f, 1.0f};
    for (size_t i = 0; i < frames.size(); ++i) frames[i].real_distance = distance[i];
    const Evaluation e = evaluate("set", scored_set(frames), 1);
    REQUIRE(e.scores.size() == 2);
    CHECK(e.scores[0].score == "real_distance");
    // .125 beats none of .5 .25 .5, .25 ties with one, 1.5 and 1 beat all three.
    CHECK(*e.scores[0].level.frames.auc == (0 + 0.5 + 3 + 3) / 12);
    CHECK(!e.scores[0].level.frames.acc);
    CHECK(e.scores[1].score == "both");
    // Twice the mean: .45 .525 .35 | .9625 .825 .8 .65
    CHECK(*e.scores[1].level.frames.auc == 1);
    CHECK(*e.all.frames.auc == 7.0 / 12);
    const auto json = to_json(e);
    CHECK(json["scores"]["real_distance"]["frames"]["auc"] == 6.5 / 12);

    const TemporaryFolder folder;
    write_evaluation(folder / "a", e, scored_set(frames));
    write_file(folder / "a/predictions.csv", predictions_csv(frames));
    const std::vector<FramePrediction> read = read_predictions(folder / "a/predictions.csv");
    REQUIRE(read.size() == frames.size());
    for (size_t i = 0; i < read.size(); ++i) CHECK(read[i].real_distance == distance[i]);
    frames[3].real_distance = std::numeric_limits<float>::quiet_NaN();
    CHECK(evaluate("set", scored_set(frames), 1).scores.empty());
  }

  TEST_CASE("evaluation: its files, byte for byte the same twice") {
    const TemporaryFolder folder;
    const Evaluation e = evaluate("set", scored_set(example()), 1);
    write_evaluation(folder / "a", e, scored_set(example()));
    write_evaluation(folder / "b", evaluate("set", scored_set(example()), 1), scored_set(example()));
    for (const char* name : {"results.json", "videos.csv", "roc.csv"})
      CHECK(read_file(folder / "a" / name) == read_file(folder / "b" / name));
    const std::string predictions = predictions_csv(example());
    CHECK(predictions.starts_with(
        "dataset,split,video,frame,path,label,method,prob_fake,logit0,logit1,real_distance\n"
        "set,test,1,0,1/0.png,0,real,0.2,0.1,0.25,\n"));
    CHECK(read_file(folder / "a/videos.csv")
              .starts_with("dataset,video,label,method,n_frames,prob_fake\nset,1,0,real,2,"));
    const auto roc = parse_csv(read_file(folder / "a/roc.csv"), "roc.csv");
    CHECK(roc[0] == std::vector<std::string>{"level", "fpr", "tpr", "threshold"});
    CHECK(roc[1] == std::vector<std::string>{"frames", "0", "0", "inf"});
    CHECK(roc.back()[0] == "videos");
    CHECK(nlohmann::json::parse(read_file(folder / "a/results.json"))["methods"]["B"]["frames"]["real"] == 3);
  }

  TEST_CASE("evaluation: no predictions at all still make files with headers") {
    const TemporaryFolder folder;
    write_evaluation(folder / "none", evaluate("set", ScoredSet(), 1), {});
    CHECK(read_file(folder / "none/videos.csv") == "dataset,video,label,method,n_frames,prob_fake\n");
  }
}

}  // namespace rc
