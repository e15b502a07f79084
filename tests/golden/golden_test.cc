// The golden files parse, the formula is the script's bit for bit, and the reference loops reproduce
// PyTorch's float64 results.
#include "tests/golden/golden.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/reference/objective.h"
#include "tests/reference/ops.h"
#include "tests/reference/optimizer.h"

namespace rc::golden {
namespace {

using reference::Vector;

// Two double computations of the same short sums: a few hundred roundings of 1e-16, relative to values of
// order 10 at most.
constexpr double kTolerance = 1e-12;

bool near(const Vector& got, const Json& expected) {
  const Vector want = expected;
  if (got.size() != want.size()) return false;
  for (size_t i = 0; i < got.size(); ++i)
    if (!(std::abs(got[i] - want[i]) <= kTolerance)) return false;
  return true;
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("golden formula: weights and inputs bit for bit") {
    const Json step = load("resnet18_step");
    const std::vector<float> image = image_batch("input", 2, 64, 64);
    for (size_t i = 0; i < 4; ++i) CHECK(image[i] == step["formula"]["input"][i].get<float>());

    REQUIRE(step["formula"]["parameters"].size() == 62);
    for (const Json& entry : step["formula"]["parameters"]) {
      const std::string name = entry["name"];
      INFO(name);
      const std::vector<float> w = parameter(name, entry["shape"]), last = entry["last"];
      REQUIRE(w.size() >= last.size());
      CHECK(std::equal(last.rbegin(), last.rend(), w.rbegin()));
    }
  }

  TEST_CASE("golden summaries: complete, and a wrong tensor exceeds its error") {
    for (const char* file : {"resnet18_step", "resnet18_sgd", "resnet18_adam"}) {
      const Json golden = load(file);
      const std::vector<Summary> tensors = golden.at(golden.contains("weights") ? "weights" : "gradients");
      CHECK(tensors.size() == 62);
      CHECK(golden.at("running").size() == 40);
      for (const Summary& s : tensors) {
        CHECK(s.samples.size() == 8);
        CHECK(s.max_error <= s.l2_error);
        CHECK(s.l2_error > 0);
        CHECK(s.l2_error < 2e-3 * s.norm);
      }
    }

    Summary s{"w", 3, 0, 0, {}, 1e-6, 1e-6};
    std::vector<float> w = {1, 2, 2};
    for (float v : w) s.norm += v * v, s.sum += v;
    s.norm = std::sqrt(s.norm);
    for (int j = 0; j < 8; ++j) s.samples.push_back(w[sample_position("w", j, 3)]);
    CHECK(excess(s, w) == 0);
    w[0] += 1e-3f;
    CHECK(excess(s, w) > 100);
    w[0] = NAN;
    CHECK(excess(s, w) == INFINITY);
    CHECK(excess(s, std::vector<float>{1, 2}) == INFINITY);

    const Json whole = {{"values", {1, 2}}, {"error", 0.5}};
    CHECK(excess(whole, std::vector<float>{1, 3}) == doctest::Approx(2));
    CHECK(excess(whole, std::vector<float>{NAN, 2}) == INFINITY);
    CHECK(excess(whole, std::vector<float>{1}) == INFINITY);
  }
}

TEST_SUITE("host") {
  TEST_CASE("golden SupCon: the reference objective with m = 0 is PyTorch's plain formula") {
    const Json cases = load("supcon");
    REQUIRE(cases.size() == 3);
    for (const Json& k : cases) {
      const std::vector<int> labels = k["labels"];
      const Vector v = values(k["v"].get<std::string>(), 12 * 16), centre(16);
      reference::Objective supcon;
      supcon.m = 0, supcon.tau = k["tau"];
      const reference::LossGradient got = objective(supcon, v, labels, centre);
      CHECK(std::abs(got.loss - k["loss"]["values"][0].get<double>()) < kTolerance);
      CHECK(near(got.gradient, k["gradient"]["values"]));
    }
  }

  TEST_CASE(
      "golden eps-SupInfoNCE: the reference objective in form D2 with m = eps tau, but for the constant "
      "eps") {
    const Json cases = load("eps_supinfonce");
    REQUIRE(cases.size() == 3);
    for (const Json& k : cases) {
      const std::vector<int> labels = k["labels"];
      const Vector v = values(k["v"].get<std::string>(), 12 * 16), centre(16);
      const double eps = k["eps"];
      reference::Objective separate{.form = reference::Form::d2};
      separate.tau = k["tau"], separate.m = eps * separate.tau;
      const reference::LossGradient got = objective(separate, v, labels, centre);
      CHECK(std::abs(got.loss - eps - k["loss"]["values"][0].get<double>()) < kTolerance);
      CHECK(near(got.gradient, k["gradient"]["values"]));
    }
  }

  TEST_CASE("golden convolution: odd sizes, strides, groups") {
    const Json ops = load("ops");
    REQUIRE(ops["conv"].size() == 5);
    for (const Json& k : ops["conv"]) {
      const reference::Conv v{1, 5, 7, k["c"], k["k"], k["r"], k["r"], k["stride"], k["pad"], k["groups"]};
      const Vector x = values("conv/x", size_t(v.h * v.w * v.c));
      const Vector w = values("conv/w", size_t(v.k * v.r * v.s * v.c / v.groups));
      const Vector dy = values("conv/dy", size_t(v.out_h() * v.out_w() * v.k));
      CHECK(near(conv2d(v, x, w), k["y"]));
      CHECK(near(conv2d_grad_data(v, dy, w), k["dx"]));
      CHECK(near(conv2d_grad_weight(v, dy, x), k["dw"]));
    }
  }

  TEST_CASE("golden batch norm: running statistics after two batches, gradients, inference") {
    const Json ops = load("ops"), &k = ops["batch_norm"];
    const reference::BatchNorm bn{.channels = 4, .relu = true}, plain{.channels = 4};
    Vector gamma = values("bn/gamma", 4), mean(4), variance(4, 1);
    for (double& g : gamma) g += 1;
    const Vector beta = values("bn/beta", 4), x = values("bn/x/1", 72), residual = values("bn/residual", 72);
    batch_norm(bn, values("bn/x/0", 72), gamma, beta, {}, mean, variance);
    const auto y = batch_norm(bn, x, gamma, beta, residual, mean, variance);
    const auto g = batch_norm_grad(bn, values("bn/dy", 72), x, gamma, y);
    CHECK(near(y.y, k["y"]));
    CHECK(near(g.dx, k["dx"]));
    CHECK(near(g.dgamma, k["dgamma"]));
    CHECK(near(g.dbeta, k["dbeta"]));
    CHECK(near(g.dresidual, k["dresidual"]));
    CHECK(near(mean, k["running_mean"]));
    CHECK(near(variance, k["running_variance"]));
    CHECK(near(batch_norm_inference(plain, x, gamma, beta, {}, mean, variance), k["inference"]));
  }

  TEST_CASE("golden max pool: ties; cross entropy") {
    const Json ops = load("ops"), &pool = ops["max_pool"], &ce = ops["cross_entropy"];
    const Vector x = pool["x"];
    CHECK(near(reference::max_pool(1, 5, 6, 2, x), pool["y"]));
    CHECK(near(reference::max_pool_grad(1, 5, 6, 2, values("pool/dy", 3 * 3 * 2), x), pool["dx"]));

    Vector logits = values("ce/logits", 15);
    for (double& l : logits) l *= 10;
    const auto got = reference::cross_entropy(3, logits, ce["labels"].get<std::vector<int>>());
    CHECK(std::abs(got.loss - ce["loss"].get<double>()) < kTolerance);
    CHECK(near(got.gradient, ce["gradient"]));
  }

  TEST_CASE("golden clipping and updates: SGD, Adam, AdamW over five steps") {
    const Json ops = load("ops");
    REQUIRE(ops["clip"].size() == 2);
    REQUIRE(ops["update"].size() == 3);
    for (const Json& k : ops["clip"]) {
      Vector g[] = {values("clip/0", 3), values("clip/1", 5)};
      const double norm = reference::clip_gradient_norm(g, k["limit"]);
      CHECK(std::abs(norm - k["norm"].get<double>()) < kTolerance);
      for (int i = 0; i < 2; ++i) CHECK(near(g[i], k["gradients"][i]));
    }
    for (const Json& k : ops["update"]) {
      const std::string name = k["optimizer"];
      INFO(name);
      Vector w = values("update/w", 6), m(6), v(6);
      for (int step = 0; step < 5; ++step) {
        const Vector g = values("update/g/" + std::to_string(step), 6);
        if (name == "SGD") sgd(reference::Sgd{k["lr"], k["momentum"], k["weight_decay"]}, w, g, m);
        if (name != "SGD")
          adam(reference::Adam{k["lr"], k["weight_decay"], name == "AdamW"}, step + 1, w, g, m, v);
      }
      CHECK(near(w, k["w"]));
    }
  }
}

}  // namespace rc::golden
