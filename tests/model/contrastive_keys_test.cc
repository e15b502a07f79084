// The op that makes the keys, with every switch: what rows keys are made of, that keys and gradient are those
// of plain double-precision loops over the same rows and weights, and what must not carry a gradient.
#include "model/ops/contrastive_keys.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "engine/program.h"
#include "engine/rng.h"
#include "kernels/mining.h"
#include "kernels/queue.h"
#include "kernels/scalars.h"
#include "kernels/synthesis.h"
#include "model/ops/add.h"
#include "model/ops/real_distance.h"
#include "tests/reference/difference.h"

namespace rc {
namespace {

using reference::Vector;

constexpr int64_t kDim = 12;

// A loss with a gradient of the test's choice: sum of a * b, b a constant.
class ProbeOp : public Op {
 public:
  const char* name() const override { return "probe"; }
  void run(Device&, const Arguments& a) const override {
    const float *x = a.in[0].as<float>(), *y = a.in[1].as<float>();
    *a.out[0].as<float>() = std::inner_product(x, x + a.in[0].shape.numel(), y, 0.0f);
  }
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value>) const override {
    class Copy : public Op {
     public:
      const char* name() const override { return "probe.grad"; }
      void run(Device&, const Arguments& a) const override {
        std::copy_n(a.in[0].as<float>(), a.in[0].shape.numel(), a.out[0].as<float>());
      }
    };
    return {graph.add(std::make_shared<Copy>(), {node.in[1]}, node.in[1].desc()), {}};
  }
};

double dot(const double* a, const double* b) { return std::inner_product(a, a + kDim, b, 0.0); }

struct Keys {
  std::unique_ptr<Device> device;
  Variables variables;
  KeyOptions options;
  std::vector<int32_t> labels;
  Value label, scalars, step, probe;
  ContrastiveKeys keys;
  std::unique_ptr<Program> program;
  Vector queue_before;  // as the step found it
  int64_t queued_before = 0;
  std::vector<float> g;  // of the probe

  Keys(const KeyOptions& o, std::vector<int32_t> l, int threads = 0)
      : device(open_device("cpu", threads)), options(o), labels(std::move(l)) {
    const int64_t n = batch();
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, true);
    label = graph->input({DType::i32, {n}}), scalars = graph->input({DType::f32, {kScalars}}),
    step = graph->input({DType::i32, {1}});
    const Value v = graph->variable(variables.parameter("v", {n, kDim}, {}));
    const Value centre = graph->variable(variables.buffer("centre", {DType::f32, {o.centres, kDim}}));
    const Value started = graph->variable(variables.buffer("started", {DType::i32, {o.centres}}));
    keys = contrastive_keys(v, label, centre, started, scalars, step, o);
    probe = graph->input(keys.keys.desc());
    const Value loss = graph->add(std::make_shared<ProbeOp>(), {keys.keys, probe}, {DType::f32, {1}});
    for (const Value kept : {keys.keys, keys.rows, keys.weight, keys.distance}) graph->keep(kept);
    if (keys.owner) graph->keep(keys.owner);
    graph->backward(std::array{loss}, add);
    program = std::make_unique<Program>(std::move(graph));
    variables.allocate(*device);
    program->prepare();
  }

  int64_t batch() const { return int64_t(labels.size()); }
  int64_t synthetic() const { return keys.positives + keys.negatives; }

  // One step with embeddings that are new each step: two overlapping clusters. The probe's gradient is random
  // on the keys from `first` on.
  void run(int32_t number, int64_t first = 0, float positives = 1, float negatives = 1) {
    Rng rng(81, Purpose::test, uint32_t(number));
    float* v = variables.tensor(*variables.find("v")).as<float>();
    for (int64_t i = 0; i < batch() * kDim; ++i)
      v[i] = rng.uniform(-1, 1) + (i % kDim ? 0 : labels[size_t(i / kDim)] ? -.4f : .8f);
    float s[kScalars] = {};
    s[kHardPositives] = positives, s[kHardNegatives] = negatives;
    g.assign(size_t(keys.keys.shape().numel()), 0);
    for (size_t i = size_t(first * kDim); i < g.size(); ++i) g[i] = rng.uniform(-1, 1);
    if (options.queue > 0) {
      queue_before = read("queue.fake");
      queued_before = variables.tensor(*variables.find("queue.state")).as<int32_t>()[kQueueCount];
    }
    device->upload(program->tensor(label).data, labels.data(), label.desc().bytes());
    device->upload(program->tensor(scalars).data, s, sizeof s);
    device->upload(program->tensor(step).data, &number, sizeof number);
    device->upload(program->tensor(probe).data, g.data(), g.size() * sizeof(float));
    program->run();
  }

  static Vector wide(const Tensor& t) { return {t.as<float>(), t.as<float>() + t.shape.numel()}; }
  static std::vector<int> whole(const Tensor& t) {
    return {t.as<int32_t>(), t.as<int32_t>() + t.shape.numel()};
  }
  Vector read(const char* name) const { return wide(variables.tensor(*variables.find(name))); }
  Vector read(Value value) const { return wide(program->tensor(value)); }
  std::vector<int> integers(Value value) const { return whole(program->tensor(value)); }
  Vector gradient() const { return wide(variables.gradient(*variables.find("v"))); }

  // Rows of the batch, then of the queue, as unit vectors.
  Vector all_rows(const Vector& v) const {
    Vector z = reference::l2_normalise(int(kDim), v);
    z.insert(z.end(), queue_before.begin(), queue_before.end());
    return z;
  }
  int64_t centre_of(const Vector& z, int64_t row) const {
    if (options.centre_per_view && row < batch()) return row / (batch() / options.centres);
    const Vector centres = read("centre");
    int64_t nearest = 0;
    for (int64_t k = 1; k < options.centres; ++k)
      if (dot(&z[size_t(row * kDim)], &centres[size_t(k * kDim)]) >
          dot(&z[size_t(row * kDim)], &centres[size_t(nearest * kDim)]))
        nearest = k;
    return nearest;
  }
  // Of each row of the batch and the queue: the centre that it belongs to, and its cosine to that.
  std::vector<int64_t> centres_of(const Vector& z) const {
    std::vector<int64_t> of;
    for (int64_t i = 0; i < int64_t(z.size()) / kDim; ++i) of.push_back(centre_of(z, i));
    return of;
  }
  double cosine(const Vector& z, int64_t row) const {
    return dot(&z[size_t(row * kDim)], &read("centre")[size_t(centre_of(z, row) * kDim)]);
  }

  // All keys in plain loops, from raw rows and from the rows, weights and centres that the op used.
  Vector made(const Vector& v, const std::vector<int64_t>& of) const {
    const Vector z = all_rows(v), centres = read("centre"), weight = read(keys.weight);
    const std::vector<int> rows = integers(keys.rows);
    Vector out(z.begin(), z.begin() + batch() * kDim);
    for (size_t k = 0; k < weight.size(); ++k) {
      const int x = rows[2 * k], y = rows[2 * k + 1];
      if (x < 0) {
        out.insert(out.end(), kDim, 0);
        continue;
      }
      const double *a = &z[size_t(x * kDim)], *c = &centres[size_t(of[size_t(x)] * kDim)],
                   *b = y < 0 ? c : &z[size_t(y * kDim)], l = weight[k];
      Vector w(kDim);
      if (options.extrapolation == Extrapolation::geodesic && int64_t(k) < keys.positives) {
        const double along = dot(a, c), theta = std::acos(along);
        for (size_t d = 0; d < w.size(); ++d)
          w[d] = std::cos(l * theta) * c[d] + std::sin(l * theta) * (a[d] - along * c[d]) / std::sin(theta);
      } else {
        for (size_t d = 0; d < w.size(); ++d) w[d] = l * a[d] + (1 - l) * b[d];
      }
      w = reference::l2_normalise(int(kDim), w);
      out.insert(out.end(), w.begin(), w.end());
    }
    return out;
  }
};

std::vector<int32_t> mixed_labels(int n) {
  std::vector<int32_t> l;
  for (int i = 0; i < n; ++i) l.push_back(i % 5 == 1 || i % 5 == 4 || i % 7 == 3);
  return l;
}

struct Switched {
  std::string name;
  KeyOptions options;
};
std::vector<Switched> all_switches() {
  constexpr auto both = Classes::both;
  constexpr auto geodesic = Extrapolation::geodesic;
  constexpr auto anchor = HardSet::anchor;
  return {
      {"default", {.seed = 1}},
      {"three centres", {.centres = 3, .seed = 1}},
      {"a centre for each view",
       {.centres = 2, .centre_per_view = true, .positive_classes = both, .seed = 1}},
      {"geodesic", {.extrapolation = geodesic, .seed = 1}},
      {"geodesic, both, three centres",
       {.centres = 3, .extrapolation = geodesic, .positive_classes = both, .seed = 1}},
      {"all of a class", {.share = 1, .positive_classes = both, .negative_classes = both, .seed = 1}},
      {"nothing synthetic", {.share = 0, .pairs = 0, .with_centre = 0, .seed = 1}},
      {"hard reals for fakes", {.pairs = 7, .negative_classes = both, .seed = 1}},
      {"queue", {.hard_fakes = 12, .queue = 9, .seed = 1}},
      {"queue, two centres", {.centres = 2, .hard_fakes = 12, .queue = 40, .seed = 1}},
      {"hard sets of anchors",
       {.hard_set = anchor, .hard_fakes = 3, .pairs = 4, .with_centre = 2, .seed = 1}},
      {"everything",
       {.centres = 3,
        .extrapolation = geodesic,
        .positive_classes = both,
        .hard_set = anchor,
        .hard_fakes = 6,
        .pairs = 3,
        .with_centre = 2,
        .negative_classes = both,
        .queue = 30,
        .seed = 1}},
  };
}

// The first `count` of some rows by a score, the largest first.
std::vector<int> top(std::vector<int> rows, int64_t count, const std::function<double(int)>& score) {
  std::stable_sort(rows.begin(), rows.end(), [&](int a, int b) { return score(a) > score(b); });
  rows.resize(std::min(rows.size(), size_t(count)));
  return rows;
}

// The rows that a fused key may be made of, and how many keys there are in such a set.
void check_rows(const Keys& k, const Vector& z) {
  const KeyOptions& o = k.options;
  std::vector<int> of_class[2], hard_candidates;
  for (int i = 0; i < int(k.batch()); ++i) of_class[k.labels[size_t(i)]].push_back(i);
  hard_candidates = of_class[1];
  for (int i = 0; i < int(k.queued_before); ++i) hard_candidates.push_back(int(k.batch()) + i);
  const std::vector<int> rows = k.integers(k.keys.rows);
  const auto near = [&](int i) { return k.cosine(z, i); };
  const auto far = [&](int i) { return -k.cosine(z, i); };

  const int64_t reals = marginal_count(o.share, k.batch());
  for (int cls = 0; cls < (o.positive_classes == Classes::both ? 2 : 1); ++cls) {
    const auto count = marginal_count(o.share, int64_t(of_class[cls].size()));
    std::vector<int> expected = cls == 0 ? top(of_class[0], count, far) : top(of_class[1], count, near);
    expected.resize(size_t(reals), kUnused);
    for (int64_t i = 0; i < reals; ++i) {
      CHECK(rows[size_t(2 * (cls * reals + i))] == expected[size_t(i)]);
      CHECK(rows[size_t(2 * (cls * reals + i) + 1)] == kCentre);
    }
  }

  const int64_t each = o.pairs + o.with_centre;
  for (int64_t j = 0; j < k.keys.negatives; ++j) {
    const int64_t set = j / each, place = j % each;
    const int x = rows[size_t(2 * (k.keys.positives + j))], y = rows[size_t(2 * (k.keys.positives + j) + 1)];
    std::vector<int> hard;
    if (o.hard_set == HardSet::anchor) {
      CHECK(k.integers(k.keys.owner)[size_t(j)] == set);
      const auto like = [&](int i) { return dot(&z[size_t(set * kDim)], &z[size_t(i) * kDim]); };
      const bool fake = k.labels[size_t(set)] == 1;
      if (!fake) hard = top(hard_candidates, o.hard_fakes, like);
      if (fake && o.negative_classes == Classes::both && place < o.pairs)
        hard = top(of_class[0], o.hard_fakes, like);
    } else {
      hard = set == 0 ? top(hard_candidates, o.hard_fakes, near) : top(of_class[0], o.hard_fakes, far);
    }
    const auto in = [&](int row) { return std::count(hard.begin(), hard.end(), row) == 1; };
    if (hard.empty()) {
      CHECK(x == kUnused);
    } else if (place < o.pairs) {
      CHECK((in(x) && in(y) && x != y));
    } else {
      CHECK((in(x) && y == kCentre));
    }
  }
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE("keys with every switch: rows, keys and gradient are those of plain loops, and the guard holds") {
    std::set<int> queue_rows;
    for (const Switched& s : all_switches()) {
      CAPTURE(s.name);
      Keys k(s.options, mixed_labels(26));
      for (const int step : {0, 1, 2}) {
        CAPTURE(step);
        k.run(step);
        const Vector v = k.read("v"), z = k.all_rows(v), keys = k.read(k.keys.keys);
        check_rows(k, z);
        for (const int row : k.integers(k.keys.rows))
          if (row >= k.batch()) queue_rows.insert(row);
        for (int64_t i = 0; i < k.batch(); ++i)
          CHECK(std::abs(k.read(k.keys.distance)[size_t(i)] - (1 - k.cosine(z, i))) < 4 * kDim * 0x1p-24);

        // A mix is good to about dim / 2^24 of its parts' weights (at most 3), over its own length, which is
        // above a tenth here; the same holds for the gradient of a key, that of a row sums over all its keys.
        const double unit = double(kDim + 8) * 3 * 0x1p-24 * 10;
        const std::vector<int64_t> of = k.centres_of(z);
        const Vector expected = k.made(v, of);
        REQUIRE(keys.size() == expected.size());
        for (size_t i = 0; i < keys.size(); ++i) CHECK(std::abs(keys[i] - expected[i]) < unit);
        const auto f = [&](const Vector& moved) {
          const Vector made = k.made(moved, of);
          return std::inner_product(made.begin(), made.end(), k.g.begin(), 0.0);
        };
        const Vector dv = k.gradient();
        double largest = 0;
        for (const double x : dv) largest = std::max(largest, std::abs(x));
        CHECK(reference::worst_difference(f, v, dv) < unit * std::max(largest, 1.0));

        double mean = 0;
        for (int64_t i = 0; i < k.batch(); ++i)
          if (k.labels[size_t(i)]) mean += k.cosine(z, i);
        mean /= double(std::count(k.labels.begin(), k.labels.end(), 1));
        for (int64_t i = 0; i < marginal_count(s.options.share, k.batch()); ++i) {
          const int x = k.integers(k.keys.rows)[size_t(2 * i)];
          if (x < 0 || k.read(k.keys.weight)[size_t(i)] == 1) continue;
          const double along =
              dot(&keys[size_t((k.batch() + i) * kDim)], &k.read("centre")[size_t(of[size_t(x)] * kDim)]);
          CHECK(along > mean - unit);
        }
      }
    }
    CHECK(queue_rows.size() > 20);  // the queues' rows were mined
  }

  TEST_CASE("detached keys carry no gradient, others do") {
    for (const auto extrapolation : {Extrapolation::linear, Extrapolation::geodesic})
      for (const bool positives : {false, true})
        for (const bool negatives : {false, true}) {
          Keys k({.extrapolation = extrapolation,
                  .positive_classes = Classes::both,
                  .detach_positives = positives,
                  .detach_negatives = negatives,
                  .seed = 3},
                 mixed_labels(20));
          const auto longest = [&] {
            double length = 0;
            for (const double x : k.gradient()) length = std::max(length, std::abs(x));
            return length;
          };
          k.run(0, k.batch());  // only synthetic keys are probed
          CHECK((longest() > 0) == !(positives && negatives));
          k.run(1, k.batch() + k.keys.positives);  // only fused ones
          CHECK((longest() > 0) == !negatives);
          k.run(2, k.batch(), 1, 0);  // only extrapolated ones: no others are made
          CHECK((longest() > 0) == !positives);
          k.run(3);  // the batch's rows always
          CHECK(longest() > 0);
        }
  }

  TEST_CASE("a switch leaves the draws of the other keys alone") {
    const auto weights = [](const KeyOptions& o, bool fused) {
      Keys k(o, mixed_labels(20));
      k.run(5);
      const Vector all = k.read(k.keys.weight);
      return fused ? Vector(all.begin() + k.keys.positives, all.end())
                   : Vector(all.begin(), all.begin() + k.keys.positives);
    };
    const KeyOptions plain{.seed = 4};
    CHECK(weights({.share = 0, .seed = 4}, true) == weights(plain, true));
    CHECK(weights({.positive_classes = Classes::both, .seed = 4}, true) == weights(plain, true));
    CHECK(weights({.queue = 10, .seed = 4}, true) == weights(plain, true));
    CHECK(weights({.pairs = 0, .seed = 4}, false) == weights(plain, false));
    CHECK(weights({.negative_classes = Classes::both, .seed = 4}, false) == weights(plain, false));
    CHECK(weights({.seed = 5}, true) != weights(plain, true));
  }

  TEST_CASE("keys with every switch: the same bits for any number of threads") {
    for (const Switched& s : all_switches()) {
      CAPTURE(s.name);
      const auto bits = [&](int threads) {
        Keys k(s.options, mixed_labels(26), threads);
        Vector all;
        for (const int step : {0, 1, 2}) {
          k.run(step);
          for (const Vector& part : {k.read(k.keys.keys), k.gradient(), k.read("centre")})
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
      };
      const Vector one = bits(1);
      for (const int threads : {2, 3, 5}) CHECK(bits(threads) == one);
    }
  }

  TEST_CASE("the queue holds the latest fakes of earlier steps, in their order") {
    const int64_t places = 17;
    Keys k({.queue = places, .seed = 2}, mixed_labels(20));
    std::vector<float> pushed;
    for (int step = 0; step < 5; ++step) {
      k.run(step);
      const Vector keys = k.read(k.keys.keys);
      for (int64_t i = 0; i < k.batch(); ++i)
        if (k.labels[size_t(i)])
          pushed.insert(pushed.end(), &keys[size_t(i * kDim)], &keys[size_t((i + 1) * kDim)]);
      const auto count = int64_t(pushed.size()) / kDim;
      const std::vector<int> state = Keys::whole(k.variables.tensor(*k.variables.find("queue.state")));
      CHECK(state == std::vector<int>{int(count % places), int(std::min(count, places))});
      const Vector queue = k.read("queue.fake");
      for (int64_t n = std::max(count - places, int64_t(0)); n < count; ++n)
        for (int64_t d = 0; d < kDim; ++d)
          CHECK(queue[size_t(n % places * kDim + d)] == pushed[size_t(n * kDim + d)]);
    }
  }

  TEST_CASE("the score of inference is the distance to the nearest of several centres") {
    auto device = open_device("cpu");
    Variables variables;
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, false);
    const Value v = graph->input({DType::f32, {3, 2}}), centre = graph->input({DType::f32, {2, 2}});
    const Value distance = real_distance(v, centre);
    graph->keep(distance);
    Program program(std::move(graph));
    variables.allocate(*device);
    program.prepare();
    const std::vector<float> rows = {2, 0, 0, -3, 3, 4}, centres = {1, 0, 0, 1};
    device->upload(program.tensor(v).data, rows.data(), rows.size() * sizeof(float));
    device->upload(program.tensor(centre).data, centres.data(), centres.size() * sizeof(float));
    program.run();
    const Vector truth = {0, 1, .2}, scores = Keys::wide(program.tensor(distance));
    for (size_t i = 0; i < 3; ++i) CHECK(std::abs(scores[i] - truth[i]) < 4 * 0x1p-24);
  }

  TEST_CASE("batches without a class, with more centres than reals, with fewer rows than a hard set") {
    for (const Switched& s : all_switches())
      for (const std::vector<int32_t>& labels :
           {std::vector<int32_t>{0, 0, 0, 0}, {1, 1, 1, 1}, {0, 1, 1, 1}, {0, 0, 0, 1}}) {
        CAPTURE(s.name);
        Keys k(s.options, labels);
        for (const int step : {0, 1}) {
          k.run(step);
          for (const double x : k.read(k.keys.keys)) CHECK(std::isfinite(x));
          for (const double x : k.gradient()) CHECK(std::isfinite(x));
          const Vector keys = k.read(k.keys.keys);
          const std::vector<int> rows = k.integers(k.keys.rows);
          for (int64_t i = 0; i < k.synthetic(); ++i) {
            const double* key = &keys[size_t((k.batch() + i) * kDim)];
            CHECK(dot(key, key) == doctest::Approx(rows[size_t(2 * i)] < 0 ? 0 : 1).epsilon(1e-5));
          }
        }
      }
  }
}

}  // namespace rc
