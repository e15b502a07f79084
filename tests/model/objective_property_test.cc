// What must hold of the objective whatever the batch is, through its graph ops.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/synthesis.h"
#include "tests/model/objective_check.h"
#include "tests/model/objective_draws.h"

namespace rc {
namespace {

constexpr ContrastiveKernel kKernels[] = {ContrastiveKernel::materialised, ContrastiveKernel::fused};
constexpr KeyOptions kNoSynthesis = {.share = 0, .pairs = 0, .with_centre = 0};

// Random configurations whose first batch is to the test's liking.
template <class Liked, class Check>
void for_random(uint32_t configurations, const Liked& liked, const Check& check) {
  uint32_t found = 0;
  for (uint32_t index = 1000; found < configurations; ++index) {
    ObjectiveDraws draw(index);
    ObjectiveSetup setup = draw.setup();
    setup.loss.kernel = kKernels[index % 2];
    ObjectiveStep step = draw.step(setup, int(index));
    if (!liked(setup, step)) continue;
    ++found;
    CAPTURE(index);
    check(setup, step);
  }
}
bool any(const ObjectiveSetup&, const ObjectiveStep&) { return true; }

// The rows that synthetic keys from `first` on are made of.
std::vector<bool> sources(const ObjectiveOutcome& out, int64_t batch, int64_t first, int64_t last) {
  std::vector<bool> of(size_t(batch), false);
  for (int64_t k = first; k < last; ++k)
    for (const int row : {out.rows[size_t(2 * k)], out.rows[size_t(2 * k + 1)]})
      if (out.rows[size_t(2 * k)] != kUnused && row >= 0 && row < batch) of[size_t(row)] = true;
  return of;
}

}  // namespace

TEST_SUITE("host") {
  // Mining goes by distance and draws by place in its order, so that keys move along with their rows; but not
  // those of hard sets of single rows, or of views. Two reals are equally far from their mean, and all rows
  // from a centre that has seen none: ties.
  TEST_CASE("permuting the batch permutes the gradient") {
    const auto liked = [](const ObjectiveSetup& s, const ObjectiveStep& step) {
      return s.keys.hard_set == HardSet::global && s.keys.centres == 1 &&
             std::count(step.label.begin(), step.label.end(), 0) > 2;
    };
    for_random(40, liked, [](const ObjectiveSetup& setup, const ObjectiveStep& step) {
      const auto n = size_t(setup.batch), dim = size_t(setup.dim);
      std::vector<size_t> from(n);  // row i of the other batch is row from[i]
      std::iota(from.begin(), from.end(), size_t(0));
      std::reverse(from.begin(), from.end());
      std::rotate(from.begin(), from.begin() + int64_t(n / 3), from.end());
      ObjectiveStep other = step;
      for (size_t i = 0; i < n; ++i) {
        other.label[i] = step.label[from[i]], other.tuple[i] = step.tuple[from[i]];
        std::copy_n(&step.v[from[i] * dim], dim, &other.v[i * dim]);
      }
      const ObjectiveOutcome plain = ObjectiveRun(setup).run(step), moved = ObjectiveRun(setup).run(other);
      std::vector<int32_t> back = moved.rows;
      for (int32_t& row : back) row = row < 0 ? row : int32_t(from[size_t(row)]);
      CHECK(back == plain.rows);
      const ReferenceStep expected = reference_step(setup, step, plain);
      const auto tolerance = tolerance_of(
          expected, reference::objective(expected.objective, expected.v, expected.labels, expected.constants),
          int(plain.result[kCountedAnchors]));
      double worst = 0;
      for (size_t i = 0; i < n * dim; ++i)
        worst =
            std::max(worst, std::abs(double(moved.dv[i]) - double(plain.dv[from[i / dim] * dim + i % dim])));
      CHECK(worst <= 2 * double(step.weight) * tolerance.gradient);  // either is off by that
      CHECK(std::abs(double(moved.result[0]) - double(plain.result[0])) <= 2 * tolerance.loss);
    });
  }

  TEST_CASE("anchors without a positive are left out, and counted") {
    for (const auto kernel : kKernels) {
      const auto run = [&](std::vector<int32_t> label, std::vector<float> v) {
        return ObjectiveRun({.batch = int64_t(label.size()),
                             .dim = 2,
                             .keys = kNoSynthesis,
                             .loss = {.kernel = kernel}})
            .run({.v = std::move(v), .label = std::move(label)});
      };
      const auto two = run({0, 1}, {1, 0, .6f, .8f});
      CHECK(two.result[kLeftOutAnchors] == 2);
      CHECK(two.result[kCountedAnchors] == 0);
      CHECK(two.result[kContrastiveLoss] == 0);
      CHECK(two.dv == std::vector<float>(4, 0));

      // Two fakes on one spot, a real at right angles: both have log(1 + e^((0 - 1 + .2) / .1)).
      const auto three = run({1, 0, 1}, {1, 0, 0, 1, 1, 0});
      CHECK(three.result[kLeftOutAnchors] == 1);
      CHECK(three.result[kCountedAnchors] == 2);
      // Eight units of the largest logit, 12.
      CHECK(std::abs(double(three.result[kContrastiveLoss]) - std::log1p(std::exp(-8))) <= 8 * 12 * 0x1p-24);
    }
  }

  TEST_CASE("nothing flows through detached keys, nor does detaching change the loss") {
    const auto liked = [](const ObjectiveSetup& s, const ObjectiveStep& step) {
      return step.positives && step.negatives && s.batch > 8;
    };
    int changed = 0;
    for_random(30, liked, [&](ObjectiveSetup setup, const ObjectiveStep& step) {
      for (const bool positives : {true, false}) {
        setup.keys.detach_positives = setup.keys.detach_negatives = false;
        const ObjectiveOutcome flow = ObjectiveRun(setup).run(step);
        (positives ? setup.keys.detach_positives : setup.keys.detach_negatives) = true;
        const ObjectiveOutcome detached = ObjectiveRun(setup).run(step);
        CHECK(detached.result == flow.result);
        // A row of which no such key is made has the same gradient; others lose a part of theirs.
        const int64_t all = int64_t(flow.weight.size());
        const auto made =
            sources(flow, setup.batch, positives ? 0 : flow.positives, positives ? flow.positives : all);
        for (int64_t i = 0; i < setup.batch; ++i) {
          const auto at = i * setup.dim;
          const bool same =
              std::equal(&flow.dv[size_t(at)], &flow.dv[size_t(at)] + setup.dim, &detached.dv[size_t(at)]);
          if (!made[size_t(i)]) CHECK(same);
          changed += !same;
        }
      }
    });
    CHECK(changed > 100);
  }

  TEST_CASE(
      "no gradient flows through a centre: it is the same from a centre that these rows have not made") {
    int compared = 0;
    for_random(30, any, [&](ObjectiveSetup setup, const ObjectiveStep& step) {
      setup.keys.centre_keep = 1, setup.keys.centres = 1, setup.keys.centre_per_view = false;
      setup.keys.queue = 0;
      ObjectiveRun run(setup);
      const ObjectiveOutcome first = run.run(step), second = run.run(step);    // the centre starts; it stays
      if (first.rows != second.rows || first.weight != second.weight) return;  // of two as good as equal
      ++compared;
      double largest = 0, off = 0;
      for (size_t i = 0; i < first.dv.size(); ++i)
        largest = std::max(largest, std::abs(double(first.dv[i]))),
        off = std::max(off, std::abs(double(first.dv[i]) - double(second.dv[i])));
      const ReferenceStep expected = reference_step(setup, step, first);
      const auto truth =
          reference::objective(expected.objective, expected.v, expected.labels, expected.constants);
      CHECK(off <=
            double(step.weight) * tolerance_of(expected, truth, int(first.result[kCountedAnchors])).gradient);
    });
    CHECK(compared >= 20);
  }

  TEST_CASE(
      "scaling raw embeddings leaves the loss and divides the gradient, bit for bit for powers of two") {
    for_random(30, any, [](const ObjectiveSetup& setup, const ObjectiveStep& step) {
      const ObjectiveOutcome plain = ObjectiveRun(setup).run(step);
      for (const float scale : {.25f, 8.f}) {
        ObjectiveStep other = step;
        for (float& x : other.v) x *= scale;
        ObjectiveOutcome scaled = ObjectiveRun(setup).run(other);
        for (float& g : scaled.dv) g *= scale;
        CHECK(scaled == plain);
      }
    });
  }

  TEST_CASE("synthesis never lands on the fakes' side") {
    int guarded = 0, moved = 0;
    const auto liked = [](const ObjectiveSetup& s, const ObjectiveStep& step) {
      return step.positives && s.keys.share > 0 && std::count(step.label.begin(), step.label.end(), 1) > 0;
    };
    for_random(150, liked, [&](const ObjectiveSetup& setup, const ObjectiveStep& step) {
      const ObjectiveOutcome out = ObjectiveRun(setup).run(step);
      const ReferenceStep expected = reference_step(setup, step, out);
      const reference::Constants& constants = expected.constants;
      if (expected.tie()) return;
      const auto cosine = [&](const float* key, int row) {
        double s = 0;
        for (int d = 0; d < constants.dim; ++d) s += double(key[d]) * constants.centre(row)[d];
        return s;
      };
      double fakes = 0, count = 0;
      for (int i = 0; i < int(setup.batch); ++i)
        if (step.label[size_t(i)] == 1) fakes += cosine(&out.keys[size_t(i * constants.dim)], i), ++count;
      for (int64_t k = 0; k < out.positives; ++k) {
        const int x = out.rows[size_t(2 * k)];
        if (x == kUnused || step.label[size_t(x)] == 1) continue;
        const float* key = &out.keys[size_t((setup.batch + k) * constants.dim)];
        const float* row = &out.keys[size_t(x) * size_t(constants.dim)];
        if (out.weight[size_t(k)] == 1) {  // the marginal real itself, at most a rounding away
          ++guarded;
          for (int d = 0; d < constants.dim; ++d) CHECK(std::abs(key[d] - row[d]) <= cosine_error(setup.dim));
        } else {
          ++moved;
          CHECK(cosine(key, x) >= fakes / count - cosine_error(setup.dim));
          CHECK(cosine(key, x) <= cosine(row, x) + cosine_error(setup.dim));  // away from the centre
        }
      }
    });
    CHECK(guarded > 50);
    CHECK(moved > 50);
  }

  TEST_CASE("fused fakes are keys of real anchors alone") {
    for (const auto kernel : kKernels)
      for (const HardSet set : {HardSet::global, HardSet::anchor}) {
        // With one real, which has no positive and is left out, nobody is left whose negatives they are.
        ObjectiveSetup setup{
            .batch = 9, .dim = 8, .keys = {.share = 0, .hard_set = set}, .loss = {.kernel = kernel}};
        ObjectiveStep step = ObjectiveDraws(1).step(setup, 0);
        for (const int reals : {1, 2}) {
          for (int i = 0; i < 9; ++i) step.label[size_t(i)] = i >= reals;
          step.negatives = true;
          const ObjectiveOutcome fused = ObjectiveRun(setup).run(step);
          step.negatives = false;
          const ObjectiveOutcome plain = ObjectiveRun(setup).run(step);
          CHECK(std::count(fused.rows.begin(), fused.rows.end(), kUnused) <
                std::count(plain.rows.begin(), plain.rows.end(), kUnused));
          CHECK((fused.result[kContrastiveLoss] == plain.result[kContrastiveLoss]) == (reals == 1));
          CHECK((fused.dv == plain.dv) == (reals == 1));
        }
      }
  }

  TEST_CASE("the objective has the same bits for one thread and two") {
    for_random(30, any, [](const ObjectiveSetup& setup, const ObjectiveStep& step) {
      CHECK(ObjectiveRun(setup, 1).run(step) == ObjectiveRun(setup, 2).run(step));
    });
  }
}

}  // namespace rc
