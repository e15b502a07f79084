#include "train/embedding_map.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rc {
namespace {

void to_unit(std::vector<float>& v) {
  double square = 0;
  for (const float x : v) square += double(x) * double(x);
  if (square == 0) return;
  for (float& x : v) x = float(double(x) / std::sqrt(square));
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0, std::plus(),
                            [](float x, float y) { return double(x) * double(y); });
}

std::vector<float> mean_of_reals(const std::vector<EmbeddedFrame>& frames) {
  std::vector<float> mean(frames[0].z.size());
  for (const EmbeddedFrame& f : frames)
    if (f.label == 0)
      for (size_t d = 0; d < mean.size(); ++d) mean[d] += f.z[d];
  return mean;
}

// The first `count` of a class by growing `score`, ties by index.
template <class Score>
void mark_hard(std::vector<EmbeddedFrame>& frames, int label, size_t count, Score score) {
  std::vector<EmbeddedFrame*> own;
  for (EmbeddedFrame& f : frames)
    if (f.label == label) own.push_back(&f);
  std::ranges::stable_sort(own, {}, [&](const EmbeddedFrame* f) { return score(*f); });
  for (size_t i = 0; i < std::min(count, own.size()); ++i) own[i]->hard = true;
}

}  // namespace

EmbeddingMap embedding_map(std::vector<EmbeddedFrame> frames, std::vector<std::vector<float>> centres,
                           double hard_share, size_t hard_count) {
  EmbeddingMap map;
  map.frames = std::move(frames), map.centres = std::move(centres);
  if (map.frames.empty()) return map;
  for (EmbeddedFrame& f : map.frames) to_unit(f.z);
  map.own_centres = !map.centres.empty();
  size_t reals = 0;
  for (const EmbeddedFrame& f : map.frames) reals += f.label == 0;
  if (!map.own_centres && reals > 0) map.centres.push_back(mean_of_reals(map.frames));
  for (auto& centre : map.centres) to_unit(centre);
  if (!map.centres.empty()) {
    for (EmbeddedFrame& f : map.frames) {
      f.distance = 2;
      for (const auto& centre : map.centres) f.distance = std::min(f.distance, 1 - cosine(f.z, centre));
    }
    mark_hard(map.frames, 0, size_t(std::ceil(hard_share * double(reals))),
              [](const EmbeddedFrame& f) { return -f.distance; });
    mark_hard(map.frames, 1, hard_count, [](const EmbeddedFrame& f) { return f.distance; });
  }

  std::vector<std::vector<float>> points;
  for (const EmbeddedFrame& f : map.frames) points.push_back(f.z);
  const PrincipalAxes axes = principal_axes(points, 2);
  points.insert(points.end(), map.centres.begin(), map.centres.end());
  std::ranges::copy(axes.share, map.share);
  double square = 0;
  for (const auto& point : points) {
    const std::vector<double> at = axes.coordinates(point);
    map.pca.push_back({at[0], at[1]});
    square += at[0] * at[0] / double(points.size());
  }
  // From the principal components at a deviation of 1e-4, as scikit-learn begins.
  std::vector<PlanePoint> start = map.pca;
  for (PlanePoint& at : start)
    for (double& x : at) x *= square > 0 ? 1e-4 / std::sqrt(square) : 0;
  const TsneOptions options;
  map.perplexity = std::min(options.perplexity, std::max(1.0, double(points.size() - 1) / 3));
  map.iterations = options.iterations;
  map.tsne = tsne(points, start, {.perplexity = map.perplexity, .iterations = options.iterations});
  return map;
}

}  // namespace rc
