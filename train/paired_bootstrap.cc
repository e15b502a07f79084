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

}  // namespace

std::optional<PairedDifference> paired_bootstrap(std::span<const WeightedScores> a,
                                                 std::span<const WeightedScores> b,
                                                 std::span<const int> label, std::span<const int> video,
                                                 uint64_t seed, int resamples) {
  check(resamples > 0, "a bootstrap has resamples");
  const VideoDraw draw(label, video);
  if (!draw.both_classes()) return std::nullopt;
  const Figure of_a(a, label, video), of_b(b, label, video);

  std::vector<double> differences(static_cast<size_t>(resamples));
  const int threads = int(std::max(1u, std::thread::hardware_concurrency()));
  parallel_for(differences.size(), threads, [&](size_t r) {
    const std::vector<int64_t> times = draw.times(seed, int(r));
    differences[r] = of_a(times) - of_b(times);
  });
  std::vector<int64_t> once(draw.times(seed, 0).size(), 1);
  return PairedDifference{of_a(once) - of_b(once), percentile_interval(std::move(differences))};
}

}  // namespace rc
