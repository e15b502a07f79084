// Metrics against scikit-learn's numbers, against their definitions as plain loops, and at their edges.
#include "train/metrics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/rng.h"

namespace rc {
namespace {

using Scores = std::vector<double>;
using Labels = std::vector<int>;

// Mann-Whitney by its definition: pairs won, ties one half.
double pairwise_auc(const Scores& score, const Labels& label) {
  double won = 0, pairs = 0;
  for (size_t i = 0; i < score.size(); ++i)
    for (size_t j = 0; j < score.size(); ++j)
      if (label[i] == 1 && label[j] == 0) {
        won += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
        pairs += 1;
      }
  return won / pairs;
}

void draw(uint32_t key, int n, Scores& score, Labels& label) {
  Rng rng(7, Purpose::test, key);
  const uint32_t levels = 2 + rng.below(30);
  for (int i = 0; i < n; ++i) {
    label.push_back(i < 2 ? i : int(rng.below(2)));
    score.push_back(double(rng.below(levels)) / levels);
  }
}

// The mean of -ln of what is at least 2^-52 may be 36, and each of its logarithms is off by an ulp.
void check_calibration(const Calibration& c, const nlohmann::json& golden, double tolerance) {
  CHECK(std::abs(c.brier - golden["brier"].get<double>()) <= tolerance);
  CHECK(std::abs(c.nll - golden["nll"].get<double>()) <= 37 * tolerance);
  CHECK(std::abs(c.ece - golden["ece"].get<double>()) <= 2 * tolerance);
  size_t filled = 0;
  for (size_t b = 0; b < c.bins.size(); ++b) {
    CHECK(c.bins[b].count == golden["bin_count"][b].get<int64_t>());
    if (c.bins[b].count == 0) continue;
    CHECK(c.bins[b].fake_share == golden["bin_share"][filled].get<double>());
    CHECK(std::abs(c.bins[b].mean_score - golden["bin_mean"][filled].get<double>()) <= tolerance);
    ++filled;
  }
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("metrics: scikit-learn's numbers") {
    // Sums of up to 60 terms below 1 in another order: 60 roundings of at most 2^-53 each.
    const double tolerance = 60 * 0x1p-53;
    for (const auto& golden : nlohmann::json::parse(read_file("tests/golden/metrics.json"))) {
      INFO(golden["name"].get<std::string>());
      const auto score = golden["scores"].get<Scores>();
      const auto label = golden["labels"].get<Labels>();
      const Metrics m = compute_metrics(score, label);
      CHECK(std::abs(*m.auc - golden["auc"].get<double>()) <= tolerance);
      CHECK(std::abs(*m.ap - golden["ap"].get<double>()) <= tolerance);
      CHECK(*m.acc == golden["acc"].get<double>());
      CHECK(*m.eer == golden["eer"].get<double>());
      CHECK(std::abs(*m.eer_interp - golden["eer_interp"].get<double>()) <= tolerance);
      CHECK(m.tdr_1e2->tdr == golden["tdr_1e-2"].get<double>());
      CHECK(m.tdr_1e3->tdr == golden["tdr_1e-3"].get<double>());
      check_calibration(*m.calibration, golden["calibration"], tolerance);

      const std::vector<RocPoint> roc = roc_curve(score, label);
      const auto fpr = golden["fpr"].get<Scores>(), tpr = golden["tpr"].get<Scores>();
      REQUIRE(roc.size() == fpr.size());
      for (size_t i = 0; i < roc.size(); ++i) {
        CHECK(roc[i].fpr == fpr[i]);
        CHECK(roc[i].tpr == tpr[i]);
      }
    }
  }

  TEST_CASE("metrics: scikit-learn's numbers of 200 random sets, tied and not") {
    const double tolerance = 60 * 0x1p-53;  // as above
    const auto golden = nlohmann::json::parse(read_file("tests/golden/metrics_random.json"));
    for (const auto& set : golden["sets"]) {
      Scores score;
      for (const auto& step : set[1]) score.push_back(step.get<double>() / set[0].get<double>());
      const Metrics m = compute_metrics(score, set[2].get<Labels>());
      CHECK(std::abs(*m.auc - set[3].get<double>()) <= tolerance);
      CHECK(*m.eer == set[4].get<double>());
      CHECK(std::abs(*m.eer_interp - set[5].get<double>()) <= tolerance);
      CHECK(std::abs(*m.ap - set[6].get<double>()) <= tolerance);
      CHECK(*m.acc == set[7].get<double>());
      CHECK(m.tdr_1e2->tdr == set[8].get<double>());
      CHECK(m.tdr_1e3->tdr == set[9].get<double>());
      CHECK(std::abs(m.calibration->ece - set[10].get<double>()) <= 2 * tolerance);
      CHECK(std::abs(m.calibration->brier - set[11].get<double>()) <= tolerance);
      CHECK(std::abs(m.calibration->nll - set[12].get<double>()) <= 37 * tolerance);
    }
    CHECK(golden["sets"].size() == 200);
  }

  TEST_CASE("metrics: TDR says how many reals its FPR lets through") {
    const auto golden = nlohmann::json::parse(read_file("tests/golden/metrics_random.json"))["many_reals"];
    Scores score;
    Labels label;
    for (const auto& step : golden["scores"]) {
      label.push_back(label.size() >= golden["real"].get<size_t>());
      score.push_back(step.get<double>() / golden["levels"].get<double>());
    }
    const Metrics m = compute_metrics(score, label);
    CHECK(m.tdr_1e2->tdr == golden["tdr_1e-2"].get<double>());
    CHECK(m.tdr_1e2->reals == 15);
    CHECK(m.tdr_1e3->tdr == golden["tdr_1e-3"].get<double>());
    CHECK(m.tdr_1e3->reals == 1);

    // By hand: of 100 reals one may be above. At the threshold 0.9 none is, at 0.8 one, at 0.7 two.
    Scores by_hand = {0.8, 0.7};
    Labels of_hand = {0, 0};
    for (int i = 0; i < 98; ++i) by_hand.push_back(0.1), of_hand.push_back(0);
    for (double s : {0.9, 0.8, 0.75, 0.7}) by_hand.push_back(s), of_hand.push_back(1);
    const Metrics h = compute_metrics(by_hand, of_hand);
    CHECK(h.tdr_1e2->tdr == 0.75);
    CHECK(h.tdr_1e2->reals == 1);
    CHECK(h.tdr_1e3->tdr == 0.25);
    CHECK(h.tdr_1e3->reals == 0);
  }

  TEST_CASE("metrics: calibration by hand, and none of what is no probability") {
    // Bins of 1/15: 0.5 is in the eighth, of which 2 of 4 are fake; 0.9 in the fourteenth, all fake.
    const Metrics m = compute_metrics(Scores{0.5, 0.5, 0.5, 0.5, 0.9, 0.9}, Labels{0, 1, 0, 1, 1, 1});
    CHECK(m.calibration->ece == doctest::Approx(2 * 0.1 / 6).epsilon(1e-14));
    CHECK(m.calibration->brier == doctest::Approx((4 * 0.25 + 2 * 0.01) / 6).epsilon(1e-14));
    CHECK(m.calibration->nll == doctest::Approx((4 * std::log(2) - 2 * std::log(0.9)) / 6).epsilon(1e-14));
    CHECK(m.calibration->bins[7].count == 4);
    CHECK(m.calibration->bins[7].fake_share == 0.5);
    CHECK(m.calibration->bins[13].count == 2);
    CHECK(
        compute_metrics(Scores{0.2, 0.3}, Labels{0, 0}).calibration.has_value());  // one class has some, too
    CHECK_FALSE(compute_metrics(Scores{0.2, 1.5}, Labels{0, 1}).calibration.has_value());
    CHECK_FALSE(compute_metrics(Scores{}, Labels{}).calibration.has_value());
  }

  TEST_CASE("metrics: the area under the ROC is the share of pairs won") {
    for (uint32_t key = 0; key < 200; ++key) {
      Scores score;
      Labels label;
      draw(key, 3 + int(key % 40), score, label);
      CHECK(std::abs(*compute_metrics(score, label).auc - pairwise_auc(score, label)) < 1e-14);
      // Reversed scores lose what they won.
      Scores reversed = score;
      for (double& s : reversed) s = -s;
      CHECK(std::abs(*compute_metrics(reversed, label).auc + pairwise_auc(score, label) - 1) < 1e-14);
    }
  }

  TEST_CASE("metrics: the order of the rows does not matter, to the bit") {
    Scores score;
    Labels label;
    draw(1, 50, score, label);
    const Metrics m = compute_metrics(score, label);
    std::reverse(score.begin(), score.end()), std::reverse(label.begin(), label.end());
    const Metrics reversed = compute_metrics(score, label);
    CHECK(m.auc == reversed.auc);
    CHECK(m.ap == reversed.ap);
    CHECK(m.eer == reversed.eer);
    CHECK(m.eer_interp == reversed.eer_interp);
  }

  TEST_CASE("metrics: accuracy counts a score of exactly one half as real") {
    CHECK(*compute_metrics(Scores{0.5, 0.5}, Labels{0, 1}).acc == 0.5);
    CHECK(*compute_metrics(Scores{0.5, 0.50001}, Labels{0, 1}).acc == 1);
  }

  TEST_CASE("metrics: one class has an accuracy but no ranking, with the reason") {
    const Metrics reals = compute_metrics(Scores{0.1, 0.9}, Labels{0, 0});
    CHECK_FALSE(reals.auc.has_value());
    CHECK_FALSE(reals.eer.has_value());
    CHECK_FALSE(reals.ap.has_value());
    CHECK_FALSE(reals.tdr_1e2.has_value());
    CHECK(*reals.acc == 0.5);
    CHECK(reals.reason == "no fake one");
    CHECK(compute_metrics(Scores{0.1}, Labels{1}).reason == "no real one");
    const Metrics none = compute_metrics(Scores{}, Labels{});
    CHECK(none.reason == "empty");
    CHECK_FALSE(none.acc.has_value());
    CHECK(roc_curve(Scores{0.1}, Labels{1}).empty());
    CHECK_FALSE(bootstrap_auc(Scores{0.1}, Labels{1}, Labels{0}, 1).has_value());
  }

  TEST_CASE("metrics: a NaN score is an error that names its row") {
    try {
      compute_metrics(Scores{0.1, NAN}, Labels{0, 1});
      FAIL("no error");
    } catch (const Error& e) {
      CHECK(e.code() == Exit::numerical);
      CHECK(e.where() == "row 1 of the predictions");
    }
  }

  TEST_CASE("bootstrap: whole videos, seeded, both classes in every resample") {
    Scores score;
    Labels label, video;
    for (int v = 0; v < 40; ++v)
      for (int f = 0; f < 5; ++f) {
        Rng rng(3, Purpose::test, uint32_t(v), uint32_t(f));
        label.push_back(v % 2);
        video.push_back(v);
        score.push_back(0.3 * (v % 2) + rng.uniform());
      }
    const Interval a = *bootstrap_auc(score, label, video, 5), b = *bootstrap_auc(score, label, video, 5);
    CHECK(a.low == b.low);
    CHECK(a.high == b.high);
    const double auc = *compute_metrics(score, label).auc;
    CHECK(a.low < auc);
    CHECK(auc < a.high);
    const Interval other = *bootstrap_auc(score, label, video, 6);
    CHECK((other.low != a.low || other.high != a.high));

    // A video whose frames all agree counts once: repeating its frames changes nothing about the interval.
    Scores once, thrice;
    Labels once_label, once_video, thrice_label, thrice_video;
    for (int v = 0; v < 40; ++v) {
      const double s = score[size_t(v) * 5];
      once.push_back(s), once_label.push_back(v % 2), once_video.push_back(v);
      for (int f = 0; f < 3; ++f)
        thrice.push_back(s), thrice_label.push_back(v % 2), thrice_video.push_back(v);
    }
    const Interval one = *bootstrap_auc(once, once_label, once_video, 5);
    const Interval three = *bootstrap_auc(thrice, thrice_label, thrice_video, 5);
    CHECK(std::abs(one.low - three.low) < 1e-15);
    CHECK(std::abs(one.high - three.high) < 1e-15);
    CHECK(one.high - one.low > 0.05);  // and frames taken as independent would make it narrower

    // One video of each class: every resample is the set itself.
    const Interval certain = *bootstrap_auc(Scores{0.2, 0.8}, Labels{0, 1}, Labels{0, 1}, 1);
    CHECK(certain.low == 1);
    CHECK(certain.high == 1);
  }

  TEST_CASE("bootstrap: the interval covers the truth about as often as it says") {
    // Scores uniform, fakes shifted by d = 0.25: AUC = 1 - (1 - d)^2 / 2. Of 200 intervals a 95 % one covers
    // 190; the percentile interval of 30 + 30 scores a little less. 176 is below that by more than four
    // standard deviations.
    const double truth = 1 - 0.75 * 0.75 / 2;
    int covered = 0;
    for (uint32_t round = 0; round < 200; ++round) {
      Scores score;
      Labels label, video;
      Rng rng(11, Purpose::test, round);
      for (int i = 0; i < 60; ++i) {
        label.push_back(i % 2), video.push_back(i);
        score.push_back(rng.uniform() + 0.25 * (i % 2));
      }
      const Interval ci = *bootstrap_auc(score, label, video, round, 200);
      covered += ci.low <= truth && truth <= ci.high;
    }
    CHECK(covered >= 176);
    CHECK(covered < 200);
  }
}

}  // namespace rc
