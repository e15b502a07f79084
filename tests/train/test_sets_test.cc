// Several sets: their mean, what is expected of them, and the rules that they were measured by.
#include "train/test_sets.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "engine/file.h"
#include "tests/data/fixtures.h"
#include "train/robustness_chart.h"

namespace rc {
namespace {

// Scores of reals and of fakes, a video each.
Evaluation evaluation(const std::string& name, const std::vector<double>& real,
                      const std::vector<double>& fake) {
  std::vector<FramePrediction> frames;
  for (const auto& [scores, label] : {std::pair(real, 0), std::pair(fake, 1)})
    for (double s : scores) {
      const std::string id = std::to_string(frames.size());
      frames.push_back({name, "test", id, 0, id + "/0.png", label, label ? "A" : "real", s, 0, 0});
    }
  Evaluation e = evaluate(name, scored_set(frames), 1);
  e.protocol = AppliedProtocol{.protocol = protocols()[0],
                               .frames_per_video = 32,
                               .image_size = 64,
                               .split = "test",
                               .compression = "",
                               .seed = 1,
                               .checkpoint = "last step",
                               .weights_hash = "aa"};
  return e;
}

std::vector<Evaluation> example() {
  return {evaluation("one", {0.1, 0.2}, {0.9, 0.15}), evaluation("two", {0.3, 0.4}, {0.6, 0.7})};
}

std::string refusal(const std::string& text) {
  return error_of(Exit::data, [&] { parse_expectation(text, "expected.json"); });
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE(
      "test sets: the mean weighs every set alike; one class leaves it undefined, with the set's name") {
    std::vector<Evaluation> sets = example();
    const Level mean = mean_level(sets);
    CHECK(*mean.frames.auc == (0.75 + 1) / 2);
    CHECK(*mean.videos.acc == (0.75 + 1) / 2);
    CHECK(mean.frames.count == 8);
    CHECK(mean.frames.real == 4);
    CHECK(mean.frames.tdr_1e2->tdr == 0.75);
    CHECK(
        mean.frames.calibration->brier ==
        doctest::Approx((sets[0].all.frames.calibration->brier + sets[1].all.frames.calibration->brier) / 2));
    CHECK(!mean.frames_ci);
    sets.push_back(evaluation("three", {0.1}, {}));
    CHECK(!mean_level(sets).frames.auc);
    CHECK(mean_level(sets).frames.reason == "three: no fake one");
    CHECK(*mean_level(sets).frames.acc == doctest::Approx((0.75 + 1 + 1) / 3));
    const auto summary = summary_json(sets);
    CHECK(summary["avg"]["frames"]["auc"].is_null());
    CHECK(summary["sets"]["two"]["all"]["videos"]["auc"] == 1.0);
    CHECK(summary["protocol"]["name"] == "default");
  }

  TEST_CASE("expectation: results agree with themselves, and with what is written by hand") {
    const std::vector<Evaluation> sets = example();
    for (const std::string& text :
         {to_json(sets[0]).dump(), summary_json(sets).dump(),
          std::string(R"({"one": {"auc": 0.75, "video_auc": 0.75, "count": 4}, "two": {"eer": 0}})")}) {
      const auto numbers = compare(parse_expectation(text, "e"), sets, 0);
      CHECK(numbers.size() >= 4);
      for (const ComparedNumber& n : numbers) CHECK(n.agrees);
      demand_agreement(numbers, "e", 0);
    }
    const Expectation whole = parse_expectation(to_json(sets[0]).dump(), "e");
    CHECK(whole.numbers[0].pointer == "/all/frames/count");
    CHECK(protocol_differences(whole, sets).empty());
    std::vector<Evaluation> others = sets;
    others[0].protocol->protocol = protocol_of("dfb");
    const auto differences = protocol_differences(whole, others);
    REQUIRE(differences.size() == 4);
    CHECK(differences[2] == "resampling: \"pil-bilinear\" there, \"cv2-cubic\" here");
  }

  TEST_CASE("expectation: every number that deviates is named; the tolerance is the largest difference") {
    const std::vector<Evaluation> sets = example();
    const Expectation expected = parse_expectation(
        R"({"one": {"auc": 0.875, "video_acc": 0.5, "ap": null}, "avg": {"auc": 0.875}})", "e");
    const auto numbers = compare(expected, sets, 0.125);
    REQUIRE(numbers.size() == 4);
    CHECK(numbers[0].agrees);   // 0.75
    CHECK(!numbers[1].agrees);  // 0.75 instead of 0.5
    CHECK(!numbers[2].agrees);  // defined where it is expected not to be
    CHECK(numbers[3].agrees);
    const std::string text = error_of(Exit::check, [&] { demand_agreement(numbers, "old.json", 0.125); });
    CHECK(contains(text, "2 of 4 numbers deviate from old.json by more than 0.125"));
    CHECK(contains(text, "one videos acc 0.75 instead of 0.5; one frames ap "));
    CHECK(contains(comparison_table(numbers).text(), "deviates"));
    CHECK(!compare(parse_expectation(R"({"one": {"auc": 0.875001}})", "e"), sets, 0.125)[0].agrees);
  }

  TEST_CASE("expectation: what is none is refused with the reason") {
    CHECK(contains(refusal("nonsense"), "not a JSON object"));
    CHECK(contains(refusal("{}"), "no number"));
    CHECK(contains(refusal(R"({"one": 3})"), "\"one\" is not an object"));
    CHECK(contains(refusal(R"({"one": {"auk": 0.5}})"), "did you mean \"auc\"?"));
    CHECK(contains(refusal(R"({"one": {"video_auk": 0.5}})"), "did you mean \"video_auc\"?"));
    CHECK(contains(refusal(R"({"one": {"auc": "high"}})"), "is not a number"));
    const std::string deep = std::string(100000, '[') + std::string(100000, ']');
    CHECK(contains(refusal("{\"dataset\": \"x\", \"all\": " + deep + "}"), "no number"));
  }

  TEST_CASE("protocols: which frames, and what they say of themselves") {
    Index index;
    index.videos.resize(1);
    for (int f = 0; f < 10; ++f) index.videos[0].frames.push_back(std::to_string(f) + ".png");
    using Names = std::vector<std::string>;
    CHECK(choose_frames(index, FrameRule::first, 3).videos[0].frames == Names{"0.png", "1.png", "2.png"});
    CHECK(choose_frames(index, FrameRule::evenly_spaced, 3).videos[0].frames ==
          Names{"0.png", "4.png", "9.png"});
    CHECK(choose_frames(index, FrameRule::first, 0).videos[0].frames.size() == 10);
    CHECK(choose_frames(index, FrameRule::first, 99).videos[0].frames.size() == 10);
    CHECK(protocol_of("dfb").resampling == Resampling::cv2_cubic);
    CHECK(protocol_of("sbi").skip_unreadable);
    const auto json = to_json(*example()[0].protocol);
    CHECK(json["resampling"] == "pil-bilinear");
    CHECK(json["frames_per_video"] == 32);
    CHECK(json["weights_sha256"] == "aa");
    CHECK(contains(text_of(*example()[0].protocol), "32 frames a video, evenly spaced"));
    CHECK(checkpoint_selection("runs/a/checkpoints/best/model.safetensors") == "best validation AUC");
    CHECK(checkpoint_selection("runs/a/checkpoints/last/model.safetensors") == "last step");
    CHECK(checkpoint_selection("best/model.safetensors") == "given file");
  }

  TEST_CASE("robustness: its chart has a panel a kind and a line a set, the same bytes twice") {
    std::vector<Evaluation> sets = example();
    for (Evaluation& e : sets)
      for (const Perturbation& p : parse_perturbations("jpeg,blur:3,reencode"))
        e.robustness.levels.push_back({p, {1 - 0.05 * p.level, 1 - 0.04 * p.level}});
    const auto count = [](const std::string& text, const std::string& part) {
      size_t n = 0;
      for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++n;
      return n;
    };
    const std::string one = robustness_chart({sets.data(), 1}), both = robustness_chart(sets);
    CHECK(one == robustness_chart({sets.data(), 1}));
    CHECK(count(one, "<polyline") == 6);
    CHECK(count(one, "<circle") == 2 * (6 + 2 + 4));
    CHECK(contains(one, "mean 0.850, 0.880"));
    CHECK(contains(one, ">28</text>"));
    CHECK(count(both, "<polyline") == 6);
    CHECK(contains(both, ">two</text>"));
    CHECK(!both.starts_with("<svg viewBox"));
  }
}

}  // namespace rc
