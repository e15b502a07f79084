// Decisions, of objective_check.h.
#include <algorithm>
#include <cmath>
#include <set>

#include "kernels/draws.h"
#include "kernels/mining.h"
#include "kernels/scalars.h"
#include "kernels/synthesis.h"
#include "tests/model/objective_check.h"

namespace rc {
namespace {

using reference::Ranked;
using reference::Vector;

class Decisions {
 public:
  Decisions(const ReferenceStep& ref, const ObjectiveSetup& setup, const ObjectiveStep& step,
            const ObjectiveOutcome& out, Problems& problems)
      : ref_(ref), setup_(setup), step_(step), out_(out), problems_(problems) {}

  void check() {
    centres();
    if (!ref_.tie()) distances();
    extrapolations();
    fusions();
    queue();
  }

 private:
  void expect(bool right, const std::string& what) { problems_.expect(right, what); }
  bool is_used(int64_t key) const { return out_.rows[size_t(2 * key)] != kUnused; }

  // The centres after the batch, from those before it.
  void centres() {
    const auto after = [&](const Vector& z, double& margin) {
      reference::Centres c = reference_centres(setup_, out_.before);
      std::vector<int> of(size_t(setup_.batch), 0);
      if (setup_.keys.centre_per_view) {
        of = reference::centres_of_views(int(setup_.batch), int(setup_.keys.centres));
      } else if (setup_.keys.centres > 1) {
        c = seed_centres(c, z, ref_.labels, margin);
        of = nearest_centres(c, z, margin);
      }
      return move_centres(c, z, ref_.labels, of, double(setup_.keys.centre_keep));
    };
    double margin = 1;
    const reference::Centres want = after(ref_.z, margin);
    if (margin < 2 * cosine_error(setup_.dim)) return;  // which centre a real went to is rounding
    expect(std::equal(want.started.begin(), want.started.end(), out_.after.started.begin()),
           "which centres have started");
    // As far as rounding of the rows moves them, and a few units of their own.
    double moved = 0, worst = 0, ignored = 1;
    for (uint32_t trial = 0; trial < 3; ++trial) {
      const Vector at = after(rounded(ref_.z, setup_.dim, trial), ignored).at;
      for (size_t i = 0; i < at.size(); ++i) moved = std::max(moved, std::abs(at[i] - want.at[i]));
    }
    for (size_t i = 0; i < want.at.size(); ++i)
      worst = std::max(worst, std::abs(double(out_.after.centre[i]) - want.at[i]));
    problems_.expect_near("distance of the centres", worst, 0, 4 * moved + 8 * 0x1p-24);
  }

  void distances() {
    for (int i = 0; i < int(setup_.batch); ++i) {
      double cosine = 0;
      for (int d = 0; d < ref_.constants.dim; ++d)
        cosine += ref_.constants.row(ref_.z, i)[d] * ref_.constants.centre(i)[d];
      problems_.expect_near("distance of row " + std::to_string(i), double(out_.distance[size_t(i)]),
                            1 - cosine, cosine_error(setup_.dim));
    }
  }

  // Whether a row stands in a ranking not behind place `last`, within rounding.
  bool stands(const std::vector<Ranked>& ranking, size_t last, int row) const {
    const auto it =
        std::find_if(ranking.begin(), ranking.end(), [&](const Ranked& r) { return r.row == row; });
    return it != ranking.end() && it->score >= ranking[last].score - 2 * cosine_error(setup_.dim);
  }

  void extrapolations() {
    const int64_t capacity = marginal_count(setup_.keys.share, setup_.batch);
    const bool both = setup_.keys.positive_classes == Classes::both;
    expect(out_.positives == (both ? 2 : 1) * capacity, "how many extrapolated keys there may be");
    if (ref_.tie()) return;
    const std::vector<float> drawn = drawn_lambda(capacity, both ? capacity : 0);
    for (int label = 0; label <= int(both); ++label) {
      const auto ranking = rank_by_centre(ref_.z, ref_.labels, ref_.constants, label);
      const auto count = size_t(std::ceil(double(setup_.keys.share) * double(ranking.size())));
      std::set<int> seen;
      for (int64_t k = 0; k < capacity; ++k) {
        const int64_t key = label * capacity + k;
        const std::string name = "extrapolated key " + std::to_string(key);
        const bool wanted = step_.positives && size_t(k) < count;
        expect(is_used(key) == wanted, name + (wanted ? " is not in use" : " is in use"));
        if (!is_used(key) || !wanted) continue;
        const int x = out_.rows[size_t(2 * key)];
        expect(stands(ranking, size_t(k), x) && seen.insert(x).second, name + " has the wrong row");
        expect(out_.rows[size_t(2 * key + 1)] == kCentre, name + " has no centre");
        lambda(name, x, double(drawn[size_t(key)]), double(out_.weight[size_t(key)]));
      }
    }
  }

  // What the ops drew, before guards. It depends on seed, step and key alone.
  std::vector<float> drawn_lambda(int64_t reals, int64_t fakes) const {
    std::vector<int32_t> marginal(size_t(reals + fakes), 0), rows(2 * marginal.size());
    std::vector<float> weight(marginal.size()), scalars(kScalars, 1);
    const auto step = uint32_t(step_.number);
    const auto device = open_device("cpu");
    launch(device->where(), DrawExtrapolations{marginal.data(), scalars.data(), &step, rows.data(),
                                               weight.data(), reals, fakes, setup_.keys.seed});
    return weight;
  }

  void lambda(const std::string& name, int x, double drawn, double used) {
    reference::HardPositive p{x, drawn, setup_.keys.extrapolation == Extrapolation::geodesic};
    const double want = guarded_lambda(p, ref_.z, ref_.labels, ref_.constants);
    // A lambda that is lowered to a right angle is pi / 2 / th with th above pi / 4.
    const double tolerance = want == drawn || want == 1 ? 0 : 4 * cosine_error(setup_.dim);
    if (std::abs(used - want) <= tolerance) return;
    // Or the guard hung on rounding; a mix is no shorter than 1 and has at most 3 times the error of a row.
    p.lambda = want == 1 ? used : want;
    const double clearance = reference::clearance(p, ref_.z, ref_.labels, ref_.constants);
    expect((used == 1 || want == 1) && std::abs(clearance) < 4 * cosine_error(setup_.dim),
           name + " has lambda " + std::to_string(used) + ", not " + std::to_string(want));
  }

  void fusions() {
    const KeyOptions& o = setup_.keys;
    const bool both = o.negative_classes == Classes::both;
    int64_t key = out_.positives;
    if (o.hard_set == HardSet::global) {
      hard_set(key, rank_by_centre(ref_.z, ref_.labels, ref_.constants, 1, true), 1, o.with_centre);
      if (both) hard_set(key, rank_by_centre(ref_.z, ref_.labels, ref_.constants, 0), 0, 0);
      expect(out_.owner.empty(), "a hard set of all has an owner");
    } else {
      for (int i = 0; i < int(setup_.batch); ++i) {
        const int label = ref_.labels[size_t(i)];
        std::vector<Ranked> ranking;
        if (label == 0 || both) ranking = rank_neighbours(ref_.z, ref_.labels, ref_.constants, i);
        const int64_t first = key;
        hard_set(key, ranking, 1 - label, o.with_centre);
        for (int64_t k = first; k < key; ++k)
          expect(!is_used(k) || out_.owner[size_t(k - out_.positives)] == i,
                 "fused key " + std::to_string(k) + " has the wrong owner");
      }
    }
    expect(2 * key == int64_t(out_.rows.size()), "how many fused keys there may be");
  }

  // The keys fused of one hard set, from `key` on: the first rows of the ranking, of class `label`.
  void hard_set(int64_t& key, const std::vector<Ranked>& ranking, int label, int64_t with_centre) {
    const size_t count = std::min(size_t(setup_.keys.hard_fakes), ranking.size());
    for (int64_t k = 0; k < setup_.keys.pairs + with_centre; ++k, ++key) {
      const bool pair = k < setup_.keys.pairs;
      const std::string name = "fused key " + std::to_string(key);
      const bool wanted = step_.negatives && (pair ? count >= 2 : count >= 1 && label == 1);
      expect(is_used(key) == wanted, name + (wanted ? " is not in use" : " is in use"));
      if (!is_used(key) || !wanted || ref_.tie()) continue;
      const int x = out_.rows[size_t(2 * key)], y = out_.rows[size_t(2 * key + 1)];
      const float w = out_.weight[size_t(key)];
      expect(stands(ranking, count - 1, x), name + " has a first row that is not hard");
      if (pair) expect(y != x && stands(ranking, count - 1, y), name + " has a second row that is not hard");
      if (!pair) expect(y == kCentre, name + " is not fused with a centre");
      expect(w >= (pair ? 0 : .5f) && w <= 1, name + " has the weight " + std::to_string(w));
    }
  }

  // First in, first out.
  void queue() {
    const auto capacity = size_t(setup_.keys.queue);
    if (capacity == 0) return;
    Vector want(out_.before.queue.begin(), out_.before.queue.end());
    size_t next = size_t(out_.before.queue_next), count = size_t(out_.before.queued);
    for (size_t i = 0; i < ref_.labels.size(); ++i) {
      if (ref_.labels[i] == 0) continue;
      std::copy_n(ref_.z.begin() + int64_t(i) * setup_.dim, setup_.dim,
                  want.begin() + int64_t(next) * setup_.dim);
      next = (next + 1) % capacity, count = std::min(count + 1, capacity);
    }
    expect(out_.after.queued == int32_t(count), "how many fakes are in the queue");
    double worst = 0;
    for (size_t i = 0; i < want.size(); ++i)
      worst = std::max(worst, std::abs(double(out_.after.queue[i]) - want[i]));
    problems_.expect_near("distance of the queue", worst, 0, cosine_error(setup_.dim));
  }

  const ReferenceStep& ref_;
  const ObjectiveSetup& setup_;
  const ObjectiveStep& step_;
  const ObjectiveOutcome& out_;
  Problems& problems_;
};

}  // namespace

void check_decisions(const ReferenceStep& ref, const ObjectiveSetup& setup, const ObjectiveStep& step,
                     const ObjectiveOutcome& out, Problems& problems) {
  Decisions(ref, setup, step, out, problems).check();
}

}  // namespace rc
