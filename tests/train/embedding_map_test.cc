// What the report picks of a set: hard cases, a sample, hard positives and negatives among embeddings.
#include "train/embedding_map.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/rng.h"
#include "train/hard_cases.h"

namespace rc {
namespace {

FramePrediction frame(const std::string& video, int label, double prob_fake) {
  FramePrediction p{"set", "test", video, 0, "x.png", label, label ? "swap" : "real"};
  p.prob_fake = prob_fake;
  return p;
}

// Around (1, 0, 0): reals near to it, fakes farther off, each its own way.
std::vector<EmbeddedFrame> cloud(int reals, int fakes) {
  std::vector<EmbeddedFrame> out;
  for (int i = 0; i < reals + fakes; ++i) {
    Rng rng(6, Purpose::test, uint32_t(i));
    const float spread = i < reals ? 0.5f : 2;
    EmbeddedFrame& f = out.emplace_back();
    f.label = i >= reals, f.method = f.label ? "swap" : "real";
    f.z = {3, spread * rng.uniform(-1, 1), spread * rng.uniform(-1, 1)};
  }
  return out;
}

// 1 - cos of the angle to (1, 0, 0).
double off_axis(const std::vector<float>& z) {
  double square = 0;
  for (const float x : z) square += double(x) * double(x);
  return 1 - double(z[0]) / std::sqrt(square);
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("hard cases: the surest mistakes and the least sure hits, one frame of a video") {
    const std::vector<FramePrediction> frames = {
        frame("a", 1, 0.2), frame("a", 1, 0.1), frame("b", 1, 0.4), frame("c", 1, 0.9), frame("d", 1, 0.55),
        frame("a", 0, 0.8), frame("b", 0, 0.7), frame("c", 0, 0.5), frame("d", 0, 0.1), frame("e", 0, 0.8)};
    const HardCases two = hard_cases(frames, 2);
    CHECK(two.missed == std::vector<size_t>{1, 2});
    CHECK(two.accused == std::vector<size_t>{5, 9});  // ties by order
    CHECK(two.barely == std::vector<size_t>{7, 4});   // 0.5 itself is called real
    CHECK(hard_cases(frames, 9).accused == std::vector<size_t>{5, 9, 6});
    CHECK(hard_cases({}, 2).barely.empty());
  }

  TEST_CASE("a sample is spread over both classes") {
    std::vector<FramePrediction> frames;
    for (int i = 0; i < 12; ++i) frames.push_back(frame(std::to_string(i), i >= 3, 0.5));
    CHECK(spread_sample(frames, 4) == std::vector<size_t>{0, 1, 2, 3, 5, 7, 9});
    CHECK(spread_sample(frames, 100).size() == 12);
  }

  TEST_CASE("hard positives are the reals farthest from the centre, hard negatives the fakes nearest") {
    constexpr int kReals = 21, kFakes = 30;
    const std::vector<EmbeddedFrame> frames = cloud(kReals, kFakes);
    const EmbeddingMap map = embedding_map(frames, {{2, 0, 0}}, 0.25, 8);
    CHECK(map.own_centres);
    int hard[2] = {};
    for (size_t i = 0; i < frames.size(); ++i) {
      const EmbeddedFrame& f = map.frames[i];
      hard[f.label] += f.hard;
      CHECK(f.distance == doctest::Approx(off_axis(frames[i].z)).epsilon(1e-5));
      int beyond = 0;  // of its class, more telling than this one
      for (const EmbeddedFrame& other : map.frames)
        beyond += other.label == f.label &&
                  (f.label == 0 ? other.distance > f.distance : other.distance < f.distance);
      CHECK(f.hard == (beyond < (f.label == 0 ? 6 : 8)));  // ceil(21 / 4)
    }
    CHECK((hard[0] == 6 && hard[1] == 8));
    CHECK(map.pca.size() == frames.size() + 1);
    CHECK(map.tsne.size() == frames.size() + 1);
    CHECK(map.share[0] + map.share[1] <= 1);
  }

  TEST_CASE(
      "without a centre of the detector's the mean of the reals stands in; two centres, the nearer counts") {
    const EmbeddingMap mean = embedding_map(cloud(40, 10), {}, 0.25, 8);
    CHECK_FALSE(mean.own_centres);
    REQUIRE(mean.centres.size() == 1);
    CHECK(off_axis(mean.centres[0]) < 0.01);
    const EmbeddingMap two = embedding_map(cloud(8, 0), {{-1, 0, 0}, {1, 0, 0}}, 0.25, 8);
    for (const EmbeddedFrame& f : two.frames) CHECK(f.distance < 0.1);
    const EmbeddingMap fakes = embedding_map(cloud(0, 5), {}, 0.25, 8);
    CHECK(fakes.centres.empty());
    CHECK(fakes.pca.size() == 5);
    CHECK(embedding_map({}, {}, 0.25, 8).frames.empty());
  }
}

}  // namespace rc
