#include "model/ops/contrastive_keys.h"

#include "kernels/centre.h"
#include "kernels/draws.h"
#include "kernels/elementwise.h"
#include "kernels/extrapolation.h"
#include "kernels/mining.h"
#include "kernels/normalise.h"
#include "kernels/queue.h"
#include "kernels/scores.h"
#include "kernels/synthesis.h"

namespace rc {
namespace {

// How many rows there are of each sort, and what follows from the options.
struct Sizes {
  int64_t batch, dim;
  int64_t reals, fakes;   // extrapolated at most
  int64_t sets, fusions;  // hard sets, and keys that are fused from them
  int64_t view_rows;      // of a view that has its own centre, or 0
  bool owned;             // a hard set is that of one row of the batch

  Sizes(const Shape& v, const KeyOptions& o) : batch(v[0]), dim(v[1]) {
    reals = marginal_count(o.share, batch);
    fakes = o.positive_classes == Classes::both ? reals : 0;
    const bool both = o.negative_classes == Classes::both;
    owned = o.hard_set == HardSet::anchor;
    sets = owned ? batch : both ? 2 : 1;
    fusions = owned ? batch * (o.pairs + o.with_centre) : o.pairs + o.with_centre + (both ? o.pairs : 0);
    view_rows = o.centre_per_view ? batch / o.centres : 0;
  }
  int64_t extrapolations() const { return reals + fakes; }
  int64_t synthetic() const { return extrapolations() + fusions; }
};

// From the keys' gradient to the raw embeddings'. Inputs: keys, norm, rows, weight, centre, centre_of, and
// the gradient of the keys.
class KeysGradientOp : public Op {
 public:
  KeysGradientOp(const Sizes& sizes, const KeyOptions& options) : s_(sizes), o_(options) {}
  const char* name() const override { return "contrastive_keys.grad"; }
  size_t workspace() const override { return size_t((s_.synthetic() + s_.batch) * s_.dim) * sizeof(float); }

  void run(Device& device, const Arguments& a) const override {
    const Where where = device.where();
    const float *keys = a.in[0].as<float>(), *norm = a.in[1].as<float>(), *weight = a.in[3].as<float>(),
                *dkeys = a.in[6].as<float>();
    const auto* rows = a.in[2].as<int32_t>();
    float* dw = static_cast<float*>(a.workspace);
    float* dz = dw + s_.synthetic() * s_.dim;
    const int64_t dim = s_.dim, own = s_.batch * dim, positives = s_.extrapolations();
    const auto through_mixes = [&](int64_t first, int64_t count) {
      launch(where, NormaliseBackward{keys + own + first * dim, norm + s_.batch + first,
                                      dkeys + own + first * dim, dw + first * dim, count, dim});
    };

    const bool arcs = o_.extrapolation == Extrapolation::geodesic;
    if (!o_.detach_positives && arcs) {
      const SourceRows from{keys, a.in[4].as<float>(), a.in[5].as<int32_t>(), nullptr, s_.batch, dim};
      launch(where, GeodesicGradient{from, rows, weight, dkeys + own, dw, positives});
    } else if (!o_.detach_positives) {
      through_mixes(0, positives);
    }
    if (!o_.detach_negatives) through_mixes(positives, s_.fusions);

    const int64_t first = o_.detach_positives ? positives : 0,
                  last = o_.detach_negatives ? positives : s_.synthetic();
    device.fill_zero(dz, size_t(own) * sizeof(float));
    launch(where, RouteMixes{dw + first * dim, rows + 2 * first, weight + first, dz, s_.batch, last - first,
                             dim, arcs && first == 0 ? positives : 0});
    launch(where, Add<float>{dz, dkeys, dz, own});
    launch(where, NormaliseBackward{keys, norm, dz, a.out[0].as<float>(), s_.batch, dim});
  }

 private:
  Sizes s_;
  KeyOptions o_;
};

// Hands out an op's workspace in words of 4 bytes.
class Words {
 public:
  int64_t take(int64_t words) {
    const int64_t at = taken_;
    taken_ += (words + 15) / 16 * 16;
    return at;
  }
  int64_t taken() const { return taken_; }

 private:
  int64_t taken_ = 0;
};

class KeysOp : public Op {
 public:
  KeysOp(Graph& graph, const Sizes& sizes, const KeyOptions& options) : s_(sizes), o_(options) {
    marginal_ = words_.take(s_.extrapolations());
    hard_ = words_.take(s_.sets * o_.hard_fakes);
    fake_distance_ = words_.take(1);
    nearest_ = words_.take(s_.batch);
    sum_ = words_.take(o_.centres * s_.dim);
    count_ = words_.take(o_.centres);
    queue_distance_ = words_.take(o_.queue);
    if (!s_.owned) return;
    const auto plan = [&](int64_t candidates) {
      return graph.device().plan(GemmDesc{.m = s_.batch, .n = candidates, .k = s_.dim, .transpose_b = true},
                                 graph.policy());
    };
    similarity_ = words_.take(s_.batch * s_.batch);
    queue_similarity_ = words_.take(s_.batch * o_.queue);
    compare_ = plan(s_.batch);
    if (o_.queue > 0) compare_queue_ = plan(o_.queue);
  }
  const char* name() const override { return "contrastive_keys"; }
  size_t workspace() const override {
    size_t plans = compare_ ? compare_->workspace() : 0;
    if (compare_queue_) plans = std::max(plans, compare_queue_->workspace());
    return size_t(words_.taken()) * sizeof(float) + plans;
  }

  // Inputs: v, label, centre, started, scalars, step, queue.fake, queue.state. Outputs: keys, norm, rows,
  // weight, distance, centre_of, owner.
  void run(Device& device, const Arguments& a) const override {
    const Where where = device.where();
    launch(where, Normalise{a.in[0].as<float>(), keys(a), norm(a), s_.batch, s_.dim});
    move_centres(where, a);
    measure(where, a);
    mine(where, a);
    draw(where, a);
    mix(where, a);
    if (o_.queue > 0)
      launch(where, PushQueue{keys(a), label(a), queue(a), queue_state(a), s_.batch, s_.dim, o_.queue});
  }

  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value> out) const override {
    const Value dv =
        graph.add(std::make_shared<KeysGradientOp>(s_, o_),
                  {node.out[0], node.out[1], node.out[2], node.out[3], node.in[2], node.out[5], out[0]},
                  node.in[0].desc());
    std::vector<Value> in(node.in.size());
    in[0] = dv;
    return in;
  }

 private:
  void move_centres(const Where& where, const Arguments& a) const {
    const int64_t centres = o_.centres;
    if (centres > 1) {
      if (s_.view_rows == 0)
        launch(where, SeedCentres{keys(a), label(a), started(a), centre(a), floats(a, nearest_), s_.batch,
                                  s_.dim, centres});
      launch(where, RealDistance{keys(a), centre(a), distance(a), s_.batch, s_.dim, centres, centre_of(a),
                                 s_.view_rows});
    }
    launch(where, SumReals{keys(a), label(a), centres > 1 ? centre_of(a) : nullptr, floats(a, sum_),
                           floats(a, count_), s_.batch, s_.dim, centres});
    launch(where, MoveCentres{floats(a, sum_), floats(a, count_), centre(a), started(a), s_.dim, centres,
                              o_.centre_keep});
  }

  // Distances to the moved centres.
  void measure(const Where& where, const Arguments& a) const {
    launch(where, RealDistance{keys(a), centre(a), distance(a), s_.batch, s_.dim, o_.centres, centre_of(a),
                               s_.view_rows});
    launch(where, FakeDistance{distance(a), label(a), floats(a, fake_distance_), s_.batch});
    launch(where, RealDistance{queue(a), centre(a), floats(a, queue_distance_), o_.queue, s_.dim, o_.centres,
                               centre_of(a) + s_.batch});
  }

  void mine(const Where& where, const Arguments& a) const {
    const auto rows = [&](int32_t* picked, int64_t capacity, int32_t of, bool farthest, float share) {
      launch(where, MineRows{distance(a), label(a), picked, s_.batch, capacity, of, farthest, share});
    };
    int32_t *const marginal = ints(a, marginal_), *const hard = ints(a, hard_);
    rows(marginal, s_.reals, 0, true, o_.share);
    rows(marginal + s_.reals, s_.fakes, 1, false, o_.share);
    if (s_.fusions == 0) return;
    const int32_t* const queued = o_.queue > 0 ? queue_state(a) + kQueueCount : nullptr;
    if (!s_.owned) {
      launch(where, MineRows{distance(a), label(a), hard, s_.batch, o_.hard_fakes, 1, false, 1,
                             floats(a, queue_distance_), queued});
      if (s_.sets == 2) rows(hard + o_.hard_fakes, o_.hard_fakes, 0, true, 1);
      return;
    }
    void* const plans = floats(a, words_.taken());
    compare_->run(keys(a), keys(a), floats(a, similarity_), plans);
    if (compare_queue_) compare_queue_->run(keys(a), queue(a), floats(a, queue_similarity_), plans);
    launch(where, MineNeighbours{floats(a, similarity_), label(a), hard, s_.batch, o_.hard_fakes,
                                 o_.negative_classes == Classes::both, floats(a, queue_similarity_), queued,
                                 o_.queue});
  }

  void draw(const Where& where, const Arguments& a) const {
    const int64_t positives = s_.extrapolations();
    const auto* scalars = a.in[4].as<float>();
    const auto* step = reinterpret_cast<const uint32_t*>(a.in[5].as<int32_t>());
    launch(where, DrawExtrapolations{ints(a, marginal_), scalars, step, rows(a), weight(a), s_.reals,
                                     s_.fakes, o_.seed});
    launch(where, DrawFusions{ints(a, hard_), label(a), scalars, step, rows(a) + 2 * positives,
                              weight(a) + positives, s_.owned ? a.out[6].as<int32_t>() : nullptr, s_.batch,
                              o_.hard_fakes, o_.pairs, o_.with_centre, s_.fusions, o_.seed});
  }

  void mix(const Where& where, const Arguments& a) const {
    const SourceRows from{keys(a), centre(a), centre_of(a), queue(a), s_.batch, s_.dim};
    const float* const fake_distance = floats(a, fake_distance_);
    const int64_t positives = s_.extrapolations(), first = s_.batch;  // the first synthetic key
    const bool arcs = o_.extrapolation == Extrapolation::geodesic;
    if (arcs)
      launch(where, GeodesicKeys{from, fake_distance, rows(a), weight(a), keys(a) + first * s_.dim,
                                 norm(a) + first, positives, s_.reals});
    const int64_t skip = arcs ? positives : 0;
    launch(where, MixKeys{from, fake_distance, rows(a) + 2 * skip, weight(a) + skip,
                          keys(a) + (first + skip) * s_.dim, norm(a) + first + skip, s_.synthetic() - skip,
                          arcs ? 0 : s_.reals});
  }

  static const int32_t* label(const Arguments& a) { return a.in[1].as<int32_t>(); }
  static float* centre(const Arguments& a) { return a.in[2].as<float>(); }
  static int32_t* started(const Arguments& a) { return a.in[3].as<int32_t>(); }
  float* queue(const Arguments& a) const { return o_.queue > 0 ? a.in[6].as<float>() : nullptr; }
  static int32_t* queue_state(const Arguments& a) { return a.in[7].as<int32_t>(); }
  static float* keys(const Arguments& a) { return a.out[0].as<float>(); }
  static float* norm(const Arguments& a) { return a.out[1].as<float>(); }
  static int32_t* rows(const Arguments& a) { return a.out[2].as<int32_t>(); }
  static float* weight(const Arguments& a) { return a.out[3].as<float>(); }
  static float* distance(const Arguments& a) { return a.out[4].as<float>(); }
  static int32_t* centre_of(const Arguments& a) { return a.out[5].as<int32_t>(); }
  static float* floats(const Arguments& a, int64_t word) { return static_cast<float*>(a.workspace) + word; }
  static int32_t* ints(const Arguments& a, int64_t word) { return static_cast<int32_t*>(a.workspace) + word; }

  Sizes s_;
  KeyOptions o_;
  Words words_;
  int64_t marginal_, hard_, fake_distance_, nearest_, sum_, count_, queue_distance_;
  int64_t similarity_ = 0, queue_similarity_ = 0;
  std::unique_ptr<Plan> compare_, compare_queue_;  // rows with rows, and with the queue
};

}  // namespace

ContrastiveKeys contrastive_keys(Value v, Value label, Value centre, Value started, Value scalars, Value step,
                                 const KeyOptions& options) {
  check(centre.shape()[0] == options.centres, "one row of the centre variable for each centre",
        std::to_string(centre.shape()[0]));
  check(!options.centre_per_view || v.shape()[0] % options.centres == 0, "a batch is made of whole views",
        std::to_string(v.shape()[0]));
  Graph& graph = *v.graph;
  const Sizes s(v.shape(), options);
  std::vector<Value> in = {v, label, centre, started, scalars, step};
  if (options.queue > 0) {
    Variables& variables = graph.variables();
    in.push_back(graph.variable(variables.buffer("queue.fake", {DType::f32, {options.queue, s.dim}})));
    in.push_back(graph.variable(variables.buffer("queue.state", {DType::i32, {kQueueStates}})));
  }
  const int64_t all = s.batch + s.synthetic();
  const auto out = graph.add(std::make_shared<KeysOp>(graph, s, options), in,
                             {{DType::f32, {all, s.dim}},
                              {DType::f32, {all}},
                              {DType::i32, {s.synthetic(), 2}},
                              {DType::f32, {s.synthetic()}},
                              {DType::f32, {s.batch}},
                              {DType::i32, {s.batch + options.queue}},
                              {DType::i32, {s.owned ? s.fusions : 0}}});
  return {.keys = out[0],
          .rows = out[2],
          .weight = out[3],
          .distance = out[4],
          .owner = s.owned ? out[6] : Value{},
          .positives = s.extrapolations(),
          .negatives = s.fusions,
          .positives_anchor = options.positives_anchor};
}

}  // namespace rc
