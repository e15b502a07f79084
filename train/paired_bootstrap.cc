#include "train/paired_bootstrap.h"

#include <algorithm>
#include <thread>

#include "data/parallel.h"
#include "engine/error.h"
#include "train/video_bootstrap.h"

namespace rc {
namespace {

// A detector's figure in every resample.
class Figure {
 public:
  Figure(std::span<const WeightedScores> scorings, std::span<const int> label, std::span<const int> video) {
    check(!scorings.empty(), "a detector has scores", "paired bootstrap");
    for (const WeightedScores& s : scorings)
      ranked_.emplace_back(s.score, label, video), weight_.push_back(s.weight);
  }
  double operator()(std::span<const int64_t> times) const {
    double sum = 0;
    for (size_t i = 0; i < ranked_.size(); ++i) sum += weight_[i] * ranked_[i].auc(times);
    return sum;
  }

 private:
  std::vector<RankedScores> ranked_;
  std::vector<double> weight_;
};

// What `value` makes of each resample, on all cores.
template <class Value>
std::vector<double> over_resamples(const VideoDraw& draw, uint64_t seed, int resamples, const Value& value) {
  check(resamples > 0, "a bootstrap has resamples");
  std::vector<double> values(static_cast<size_t>(resamples));
  const int threads = int(std::max(1u, std::thread::hardware_concurrency()));
  parallel_for(values.size(), threads, [&](size_t r) { values[r] = value(draw.times(seed, int(r))); });
  return values;
}

}  // namespace

std::optional<PairedDifference> paired_bootstrap(std::span<const WeightedScores> a,
                                                 std::span<const WeightedScores> b,
                                                 std::span<const int> label, std::span<const int> video,
                                                 uint64_t seed, int resamples) {
  const VideoDraw draw(label, video);
  if (!draw.both_classes()) return std::nullopt;
  const Figure of_a(a, label, video), of_b(b, label, video);
  const auto difference = [&](const std::vector<int64_t>& times) { return of_a(times) - of_b(times); };
  return PairedDifference{difference(draw.once()),
                          percentile_interval(over_resamples(draw, seed, resamples, difference))};
}

std::optional<Interval> bootstrap_figure(std::span<const WeightedScores> scorings, std::span<const int> label,
                                         std::span<const int> video, uint64_t seed, int resamples) {
  const VideoDraw draw(label, video);
  if (!draw.both_classes()) return std::nullopt;
  return percentile_interval(over_resamples(draw, seed, resamples, Figure(scorings, label, video)));
}

}  // namespace rc
