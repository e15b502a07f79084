// The paired bootstrap against a slow version that copies the drawn videos out and counts pairs.
#include "train/paired_bootstrap.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/rng.h"

namespace rc {
namespace {

struct Set {
  std::vector<int> label, video;
};

// `videos` videos of 1 to 4 frames, the first two of either class.
Set draw_set(uint32_t key, int videos) {
  Rng rng(11, Purpose::test, key);
  Set set;
  for (int v = 0; v < videos; ++v) {
    const int label = v < 2 ? v : int(rng.below(2)), frames = 1 + int(rng.below(4));
    for (int f = 0; f < frames; ++f) set.label.push_back(label), set.video.push_back(v);
  }
  return set;
}

// Few levels, so that there are ties; `skill` moves fakes up.
std::vector<double> draw_scores(const Set& set, uint32_t key, double skill) {
  Rng rng(12, Purpose::test, key);
  std::vector<double> score;
  for (int label : set.label) score.push_back(std::round(10 * (double(rng.uniform()) + skill * label)) / 10);
  return score;
}

double pairwise_auc(const std::vector<double>& score, const std::vector<int>& label) {
  double won = 0, pairs = 0;
  for (size_t i = 0; i < score.size(); ++i)
    for (size_t j = 0; j < score.size(); ++j)
      if (label[i] == 1 && label[j] == 0)
        won += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0, ++pairs;
  return won / pairs;
}

// Resample `r` copied out: the same draws, in the order in which metrics.h tells of them.
std::vector<size_t> rows_of_resample(const Set& set, uint64_t seed, int r) {
  Rng rng(seed, Purpose::bootstrap, uint32_t(r));
  std::vector<size_t> rows;
  for (int wanted : {0, 1}) {
    std::vector<int> videos;
    for (size_t i = 0; i < set.label.size(); ++i)
      if (set.label[i] == wanted && (videos.empty() || videos.back() != set.video[i]))
        videos.push_back(set.video[i]);
    for (size_t n = 0; n < videos.size(); ++n) {
      const int drawn = videos[rng.below(uint32_t(videos.size()))];
      for (size_t i = 0; i < set.video.size(); ++i)
        if (set.video[i] == drawn) rows.push_back(i);
    }
  }
  return rows;
}

double figure(const std::vector<WeightedScores>& detector, const std::vector<int>& label,
              const std::vector<size_t>& rows) {
  double sum = 0;
  for (const WeightedScores& s : detector) {
    std::vector<double> score;
    std::vector<int> of;
    for (size_t i : rows) score.push_back(s.score[i]), of.push_back(label[i]);
    sum += s.weight * pairwise_auc(score, of);
  }
  return sum;
}

double percentile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double at = q * double(values.size() - 1), below = std::floor(at);
  const double next = values[std::min(size_t(below) + 1, values.size() - 1)];
  return values[size_t(below)] * (1 - (at - below)) + next * (at - below);
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("paired bootstrap: a resample copied out and counted pair by pair") {
    // Counts are exact on both sides; what differs is the rounding of a few sums and quotients near 1.
    constexpr double kTolerance = 1e-13;
    for (uint32_t key = 0; key < 6; ++key) {
      const Set set = draw_set(key, 7 + int(key));
      const std::vector<WeightedScores> a = {{draw_scores(set, 3 * key, 0.4), 0.5},
                                             {draw_scores(set, 100 + key, 0.2), 0.5}},
                                        b = {{draw_scores(set, 200 + key, 0.1), 0.25},
                                             {draw_scores(set, 300 + key, 0.1), 0.75}};
      const auto fast = paired_bootstrap(a, b, set.label, set.video, 5, 40);
      REQUIRE(fast);
      std::vector<double> differences;
      for (int r = 0; r < 40; ++r) {
        const auto rows = rows_of_resample(set, 5, r);
        differences.push_back(figure(a, set.label, rows) - figure(b, set.label, rows));
      }
      std::vector<size_t> all(set.label.size());
      for (size_t i = 0; i < all.size(); ++i) all[i] = i;
      CHECK(std::abs(fast->difference - (figure(a, set.label, all) - figure(b, set.label, all))) <
            kTolerance);
      CHECK(std::abs(fast->ci.low - percentile(differences, 0.025)) < kTolerance);
      CHECK(std::abs(fast->ci.high - percentile(differences, 0.975)) < kTolerance);
    }
  }

  TEST_CASE("paired bootstrap: a detector does not differ from itself, nor in the other order") {
    const Set set = draw_set(50, 20);
    const std::vector<WeightedScores> a = {{draw_scores(set, 1, 0.3), 1}},
                                      b = {{draw_scores(set, 2, 0.1), 1}};
    const auto same = paired_bootstrap(a, a, set.label, set.video, 1);
    CHECK(same->difference == 0);
    CHECK(same->ci.low == 0);
    CHECK(same->ci.high == 0);
    CHECK(!same->shown());
    const auto there = paired_bootstrap(a, b, set.label, set.video, 1),
               back = paired_bootstrap(b, a, set.label, set.video, 1);
    CHECK(there->difference == -back->difference);
    CHECK(std::abs(there->ci.low + back->ci.high) < 1e-15);
    CHECK(paired_bootstrap(a, b, set.label, set.video, 2)->ci.low != there->ci.low);
  }

  TEST_CASE("paired bootstrap: the pairing narrows the interval of detectors that err on the same videos") {
    // b repeats a but for a few frames. Intervals of each alone are wide and overlap; the paired one is not.
    const Set set = draw_set(60, 60);
    std::vector<double> a = draw_scores(set, 3, 0.2), b = a;
    for (size_t i = 0; i < b.size(); ++i)
      if (set.label[i] == 1 && i % 3 == 0) b[i] -= 0.3;
    const auto paired = paired_bootstrap(std::vector<WeightedScores>{{a, 1}},
                                         std::vector<WeightedScores>{{b, 1}}, set.label, set.video, 9);
    const auto alone_a = bootstrap_auc(a, set.label, set.video, 9),
               alone_b = bootstrap_auc(b, set.label, set.video, 9);
    CHECK(paired->shown());
    CHECK(alone_b->high > alone_a->low);
    CHECK(paired->ci.high - paired->ci.low < alone_a->high - alone_a->low);
  }

  TEST_CASE("paired bootstrap: the interval of one detector's figure is that of its AUC") {
    const Set set = draw_set(70, 25);
    const std::vector<double> score = draw_scores(set, 4, 0.2);
    const auto figure = bootstrap_figure(std::vector<WeightedScores>{{score, 1}}, set.label, set.video, 3),
               auc = bootstrap_auc(score, set.label, set.video, 3);
    CHECK(figure->low == auc->low);
    CHECK(figure->high == auc->high);
  }

  TEST_CASE("paired bootstrap: one class alone has no difference") {
    const std::vector<int> label = {1, 1}, video = {0, 1};
    const std::vector<WeightedScores> a = {{{0.1, 0.2}, 1}};
    CHECK(!paired_bootstrap(a, a, label, video, 1));
  }
}

}  // namespace rc
