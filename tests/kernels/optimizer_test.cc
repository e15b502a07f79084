#include "kernels/optimizer.h"

#include <doctest/doctest.h>

#include <cfloat>
#include <cmath>

#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"
#include "tests/reference/optimizer.h"

namespace rc {
namespace {

constexpr double kEps = FLT_EPSILON / 2;

struct Facts {
  std::vector<float> values = std::vector<float>(kGradientFacts, NAN);
  float operator[](GradientFact i) const { return values[i]; }
};

Facts facts_of(const Launcher& run, const std::vector<float>& gradient, float max_norm) {
  const int64_t n = int64_t(gradient.size()), blocks = flat_grid(n).blocks;
  std::vector<double> squares(static_cast<size_t>(blocks));
  std::vector<float> bad(static_cast<size_t>(blocks));
  Facts facts;
  run(GradientNormPartial{gradient.data(), squares.data(), bad.data(), n});
  run(GradientNorm{squares.data(), bad.data(), facts.values.data(), blocks, max_norm});
  return facts;
}

void check_norm(const Launcher& run, int64_t n) {
  auto g = integers(n, -9, 9, 1);
  double squares = 0;
  for (const double v : g) squares += v * v;
  auto fg = floats(g);
  const Facts facts = facts_of(run, fg, 5);
  CHECK(facts[kNorm] == float(std::sqrt(squares)));
  CHECK(facts[kClip] == std::min(1.0f, 5.0f / (float(std::sqrt(squares)) + 1e-6f)));
  CHECK(facts[kNonFinite] == 0);
  CHECK(facts[kSkip] == 0);
  CHECK(facts_of(run, fg, 0)[kClip] == 1);
  fg.front() = NAN, fg.back() = -INFINITY;
  const Facts broken = facts_of(run, fg, 5);
  CHECK(broken[kNonFinite] == (n == 1 ? 1 : 2));
  CHECK(broken[kSkip] == 1);
}

// Ten steps beside the reference. Each step rounds the weight once, and moves it by lr times a quotient that
// is itself within 20 roundings; |w| <= 2 and lr * quotient <= lr * 1.5.
void check_adam(const Launcher& run, bool decoupled, float max_norm) {
  const int64_t n = 40001;
  auto w = reals(n, -1, 1, 2);
  std::vector<double> m(w.size(), 0.0), v(m);
  std::vector<float> fw = floats(w), fm(w.size(), 0), fv(fm);
  const float lr = 0x1p-10f;
  const reference::Adam adam{.lr = double(lr), .weight_decay = 0.01, .decoupled = decoupled};
  for (int step = 1; step <= 10; ++step) {
    std::vector<std::vector<double>> g{reals(n, -1, 1, uint32_t(10 + step))};
    const auto fg = floats(g[0]);
    Facts facts;
    if (max_norm > 0) {
      facts = facts_of(run, fg, max_norm);
      reference::clip_gradient_norm(g, double(max_norm));
    }
    reference::adam(adam, step, w, g[0], m, v);
    std::vector<float> scalars(kScalars, NAN);
    scalars[kLearningRate] = lr, scalars[kStep] = float(step);
    run(Adam{fg.data(), fw.data(), fm.data(), fv.data(), scalars.data(),
             max_norm > 0 ? facts.values.data() : nullptr, n, adam.beta1, adam.beta2, adam.eps,
             adam.weight_decay, decoupled});
  }
  const std::vector<double> got(fw.begin(), fw.end());
  const double move =
      double(lr) * 10;  // of all steps, at most 1.5 each, off by 20 roundings and the moments'
  CHECK(worst_share(got, w, std::vector<double>(w.size(), 10 * 2 * kEps + move * 200 * kEps)) <= 1);
}

void check_sgd(const Launcher& run) {
  const int64_t n = 20000;
  auto w = reals(n, -1, 1, 3);
  std::vector<double> b(w.size(), 0.0);
  std::vector<float> fw = floats(w), fb(w.size(), 0), scalars(kScalars, NAN);
  scalars[kLearningRate] = 0.125f;
  for (uint32_t step = 1; step <= 5; ++step) {
    const auto g = reals(n, -1, 1, 20 + step);
    const auto fg = floats(g);
    reference::sgd({.lr = 0.125, .momentum = 0.9, .weight_decay = 5e-4}, w, g, b);
    run(Sgd{fg.data(), fw.data(), fb.data(), scalars.data(), nullptr, n, 0.9, 5e-4});
  }
  // |velocity| <= 5 and |w| <= 4: five roundings of each per step, momentum's own rounding included.
  const std::vector<double> got(fw.begin(), fw.end());
  CHECK(worst_share(got, w, std::vector<double>(w.size(), 5 * (4 + 0.125 * 5 * 5) * kEps)) <= 1);
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("the gradient's norm is exact on whole numbers; what is not finite is counted") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const int64_t n : {1, 15, 16, 17, 16384, 16385, 40007}) check_norm(run, n);
    });
  }

  TEST_CASE("a norm beyond float is caught though every element is finite") {
    const std::vector<float> g(100, 3e38f);
    const Facts facts = facts_of(Launcher{Target::v3}, g, 1);
    CHECK(facts[kNonFinite] == 0);
    CHECK(facts[kSkip] == 1);
  }

  TEST_CASE("Adam, AdamW and SGD agree with the reference") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_adam(run, false, 0);
      check_adam(run, true, 0);
      check_adam(run, false, 5);
      check_sgd(run);
    });
  }

  TEST_CASE("the moving average is exact where it can be, and padding stays zero") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      const std::vector<float> w{4, -8, 0}, zero(3, 0);
      std::vector<float> average{8, 8, 0}, weights{1, 2, 0}, m(zero), v(zero), scalars(kScalars, NAN);
      run(MovingAverage{w.data(), average.data(), nullptr, 3, 0.75});
      CHECK(average == std::vector<float>{7, 4, 0});
      for (const int64_t n : {1, 17, 16385, 40001}) {
        const auto now = floats(integers(n, -8, 8, 31)), before = floats(integers(n, -8, 8, 32));
        std::vector<float> moved(before), want(before);
        for (size_t i = 0; i < want.size(); ++i) want[i] = 0.75f * before[i] + 0.25f * now[i];
        run(MovingAverage{now.data(), moved.data(), nullptr, n, 0.75});
        CHECK(moved == want);
      }
      scalars[kLearningRate] = 0.1f, scalars[kStep] = 1;
      run(Adam{w.data(), weights.data(), m.data(), v.data(), scalars.data(), nullptr, 3, 0.9, 0.999, 1e-8,
               0.01, false});
      CHECK(weights[2] == 0);
      CHECK(weights[0] < 1);
    });
  }

  TEST_CASE("parameters of a loss that has not begun rest: step 0") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      const std::vector<float> gradient{0, 1}, start{4, 4}, moments{0.5f, 0.25f};
      std::vector<float> scalars(kScalars, NAN);
      scalars[kLearningRate] = 0.125f, scalars[kStep] = 7;
      for (const int kind : {0, 1, 2}) {  // Adam, AdamW, SGD
        CAPTURE(kind);
        for (const float step : {0.0f, 1.0f}) {
          std::vector<float> w = start, m = moments, v = moments;
          scalars[kObjectiveStep] = step;
          if (kind == 2)
            run(Sgd{gradient.data(), w.data(), m.data(), scalars.data(), nullptr, 2, 0.5, 0.5,
                    kObjectiveStep});
          else
            run(Adam{gradient.data(), w.data(), m.data(), v.data(), scalars.data(), nullptr, 2, 0.5, 0.5,
                     1e-8, 0.5, kind == 1, kObjectiveStep});
          CHECK((w == start) == (step == 0));
          CHECK((m == moments) == (step == 0));
        }
      }
    });
  }

  TEST_CASE("a step whose gradient is not finite changes nothing") {
    const std::vector<float> g{1, NAN}, start{1, 2};
    std::vector<float> w(start), m(start), v(start), average(start), scalars(kScalars, 1.0f);
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      const Facts facts = facts_of(run, g, 5);
      const float* skip = facts.values.data();
      run(Adam{g.data(), w.data(), m.data(), v.data(), scalars.data(), skip, 2, 0.9, 0.999, 1e-8, 0, false});
      run(Sgd{g.data(), w.data(), m.data(), scalars.data(), skip, 2, 0.9, 0});
      run(MovingAverage{g.data(), average.data(), skip, 2, 0.5});
      CHECK(w == start);
      CHECK(m == start);
      CHECK(v == start);
      CHECK(average == start);
    });
  }

  TEST_CASE("the norm's bits do not depend on the number of threads") {
    const auto g = floats(reals(100000, -1, 1, 4));
    on_targets([&](const std::string& name, Launcher run) {
      CAPTURE(name);
      CHECK(same_for_any_threads([&] { return facts_of(run, g, 5).values; }));
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("the norm and the steps hold for any number and order of lanes") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_norm(run, 17);
      check_norm(run, 20000);
    });
    fiber_schedule() = {.lanes = 7, .order = 2};
    check_adam(Launcher{Target::fibers}, true, 5);
    check_sgd(Launcher{Target::fibers});
    fiber_schedule() = {};
  }
}

}  // namespace rc
