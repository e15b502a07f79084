// The loss without its matrix: against the one with it, against double precision, and the same bits however
// it is run.
#include "kernels/contrastive_fused.h"

#include <doctest/doctest.h>
#include <omp.h>

#include <set>

#include "tests/kernels/contrast_draw.h"
#include "tests/kernels/on_targets.h"

namespace rc {

template <class Run>
void check_against_both(uint32_t index, Run run) {
  CAPTURE(index);
  const ContrastCase c = random_contrast(index);
  CAPTURE(c.batch);
  CAPTURE(c.dim);
  const ContrastOutcome matrix = run_materialised(c, run), fused = run_fused(c, run);
  const ExactContrast truth = exact_contrast(c, {c.key.begin(), c.key.end()});
  const Allowance allowed = allowance(c, truth);

  CHECK(fused.result[kCountedAnchors] == matrix.result[kCountedAnchors]);
  CHECK(fused.result[kLeftOutAnchors] == matrix.result[kLeftOutAnchors]);
  // The mean is a sum over anchors in sequence, each time rounded.
  const double mean_allowed = allowed.loss + double(fused.loss.size()) * 0x1p-24 * truth.mean;
  CHECK(std::abs(double(fused.result[kContrastiveLoss]) - truth.mean) <= mean_allowed);
  double worst = 0, worst_beside = 0;  // in units of what is allowed
  bool finite = true;
  for (size_t i = 0; i < fused.dkey.size(); ++i) {
    const double allowed_here = std::max(allowed.dkey[i], 1e-30);
    worst = std::max(worst, std::abs(double(fused.dkey[i]) - truth.dkey[i]) / allowed_here);
    worst_beside =
        std::max(worst_beside, std::abs(double(fused.dkey[i]) - double(matrix.dkey[i])) / allowed_here);
    finite &= std::isfinite(fused.dkey[i]);
  }
  CHECK(finite);
  CHECK(worst <= 1);
  CHECK(worst_beside <= 2);
  // The matrix's rows are summed over all keys in sequence.
  const double keys = double(c.pairs().keys()), logit = (1 + double(c.margin.m)) / double(c.temperature);
  const double beside_allowed = 2 * allowed.loss + keys * (1 + logit) * 0x1p-24;
  // A cosine is off by about sqrt(dim) units, and so are their mean and their largest.
  const double cosine = 8 * std::sqrt(double(c.dim)) * 0x1p-24;
  for (size_t i = 0; i < fused.loss.size(); ++i) {
    CHECK(std::abs(fused.positive[i] - matrix.positive[i]) <= cosine);
    CHECK(std::abs(fused.negative[i] - matrix.negative[i]) <= cosine);
    CHECK(std::abs(double(fused.loss[i]) - truth.loss[i]) <= allowed.loss);
    CHECK(std::abs(fused.loss[i] - matrix.loss[i]) <= beside_allowed);
  }
}

// All but the means over anchors, whose order of summation is ContrastiveSummary's.
bool same_bits(const ContrastOutcome& a, const ContrastOutcome& b) {
  return a.dkey == b.dkey && a.loss == b.loss && a.positive == b.positive && a.negative == b.negative;
}

TEST_SUITE("host") {
  TEST_CASE("contrastive, fused: every pair of tiles meets once, no tile twice in a round") {
    for (int64_t tiles = 1; tiles <= 9; ++tiles) {
      std::set<std::pair<int64_t, int64_t>> met;
      struct Round {
        PairRound at;
      };
      each_round(Round{{tiles}}, [&](const Round& round) {
        std::set<int64_t> seated;
        for (int64_t block = 0; block < round.at.blocks(); ++block) {
          const int64_t a = round.at.first(block), b = round.at.second(block);
          if (a >= tiles || b >= tiles) continue;
          CHECK(met.insert(std::minmax(a, b)).second);
          CHECK(seated.insert(a).second);
          CHECK((a == b || seated.insert(b).second));
        }
      });
      CHECK(int64_t(met.size()) == tiles * (tiles + 1) / 2);
    }
  }

  TEST_CASE("contrastive, fused: as with the matrix and as in double precision") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (uint32_t index = 0; index < 60; ++index) check_against_both(index, run);
    });
  }

  TEST_CASE("contrastive, fused: bf16 keys are their values") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      ContrastCase c = random_contrast(3);
      for (float& x : c.key) x = float(Bf16(x));
      CHECK(same_bits(run_fused_as<Bf16>(c, run), run_fused(c, run)));
    });
  }

  TEST_CASE("contrastive, fused: rows in bf16 as in double precision") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (uint32_t index = 0; index < 30; ++index) {
        CAPTURE(index);
        check_rounded(random_contrast(index), run);
      }
    });
  }

  TEST_CASE("contrastive, fused: rows in bf16 of sizes around those of tiles and squares") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      uint32_t index = 0;
      for (const int64_t batch : {1, 2, 15, 64, 65, 200})
        for (const int64_t dim : {16, 64, 100, 128}) {
          CAPTURE(batch);
          CAPTURE(dim);
          // All forms and margins, every third with a fake that has no positive.
          Rng rng(43, Purpose::test, ++index);
          ContrastCase c;
          c.batch = batch, c.dim = dim;
          c.form = index % 2 ? ContrastiveForm::joint : ContrastiveForm::separate;
          c.margin = MarginRule::of(index / 2 % 2 ? Margin::cosine : Margin::arc, .2f);
          for (int64_t i = 0; i < batch; ++i) c.label.push_back(index % 3 ? int32_t(i % 2) : i == 0);
          draw_unit_rows(rng, c);
          check_rounded(c, run);
          CHECK(same_bits(run_fused_rounded(c, run), run_fused_rounded(c, run)));
        }
    });
  }

  TEST_CASE("contrastive, fused: rows that are equal, opposite and zero, up to the hottest logits that fit") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const auto form : {ContrastiveForm::joint, ContrastiveForm::separate})
        for (const auto kind : {Margin::cosine, Margin::arc})
          for (const float tau : {.0175f, .1f, 1e3f}) {
            ContrastCase c;
            c.batch = 70, c.dim = 5, c.form = form, c.margin = MarginRule::of(kind, .2f), c.temperature = tau;
            for (int64_t i = 0; i < c.batch; ++i) {
              c.label.push_back(int32_t(i / 2 % 2));
              const float x = i % 7 == 3 ? 0 : i % 3 ? 1.f : -1.f;
              c.key.insert(c.key.end(), {0, .6f * x, 0, -.8f * x, 0});
            }
            CHECK(FusedContrast{c.pairs(), c.dim, form, c.margin, tau}.fits());
            const ContrastOutcome fused = run_fused(c, run), matrix = run_materialised(c, run);
            CHECK(std::ranges::all_of(fused.dkey, [](float x) { return std::isfinite(x); }));
            CHECK(fused.result[kContrastiveLoss] ==
                  doctest::Approx(matrix.result[kContrastiveLoss]).epsilon(1e-5));
          }
      CHECK(!FusedContrast{{}, 5, ContrastiveForm::joint, MarginRule::of(Margin::cosine, .2f), .017f}.fits());
    });
  }

  TEST_CASE("contrastive, fused: the same bits for any vectors and threads") {
    const int threads = omp_get_max_threads();
    for (uint32_t index = 0; index < 12; ++index) {
      CAPTURE(index);
      const ContrastCase c = random_contrast(index);
      const ContrastOutcome one = run_fused(c, Launcher{Target::v3});
      on_targets([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        for (const int count : {1, 2, 3, 5}) {
          omp_set_num_threads(count);
          CHECK(same_bits(run_fused(c, run), one));
        }
      });
    }
    omp_set_num_threads(threads);
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("contrastive, fused: the same bits for any lane count and order") {
    for (const uint32_t index : {1, 6, 8}) {
      CAPTURE(index);
      const ContrastCase c = random_contrast(index);
      const ContrastOutcome one = run_fused(c, Launcher{Target::v3}),
                            rounded = run_fused_rounded(c, Launcher{Target::v3});
      on_fibers([&](const std::string& name, Launcher run) {
        CAPTURE(name);
        CHECK(same_bits(run_fused(c, run), one));
        // Tensor cores add in an order of their own.
        if (run.target == Target::fibers) CHECK(same_bits(run_fused_rounded(c, run), rounded));
      });
      fiber_schedule() = {.lanes = 128, .order = 5};
      CHECK(same_bits(run_fused(c, Launcher{Target::fibers}), one));
      fiber_schedule() = {};
    }
  }
}

}  // namespace rc
