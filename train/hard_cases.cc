#include "train/hard_cases.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

namespace rc {
namespace {

// The first `most` by falling `telling` among those that `wanted` takes, a frame a video.
template <class Predicate, class Key>
std::vector<size_t> first_of(std::span<const FramePrediction> frames, size_t most, Predicate wanted,
                             Key telling) {
  std::vector<size_t> order;
  for (size_t i = 0; i < frames.size(); ++i)
    if (wanted(frames[i])) order.push_back(i);
  std::ranges::stable_sort(order, std::greater(), [&](size_t i) { return telling(frames[i].prob_fake); });
  std::set<std::tuple<std::string, std::string, std::string>> taken;
  std::vector<size_t> out;
  for (const size_t i : order) {
    const FramePrediction& p = frames[i];
    if (out.size() < most && taken.emplace(p.dataset, p.method, p.video).second) out.push_back(i);
  }
  return out;
}

bool called_fake(const FramePrediction& p) { return p.prob_fake > 0.5; }

}  // namespace

HardCases hard_cases(std::span<const FramePrediction> frames, size_t most) {
  const auto first = [&](auto wanted, auto telling) { return first_of(frames, most, wanted, telling); };
  return {first([](auto& p) { return p.label == 1 && !called_fake(p); }, [](double p) { return -p; }),
          first([](auto& p) { return p.label == 0 && called_fake(p); }, [](double p) { return p; }),
          first([](auto& p) { return called_fake(p) == (p.label == 1); },
                [](double p) { return -std::abs(p - 0.5); })};
}

std::vector<size_t> spread_sample(std::span<const FramePrediction> frames, size_t most_of_a_class) {
  std::vector<size_t> out;
  for (const int label : {0, 1}) {
    std::vector<size_t> own;
    for (size_t i = 0; i < frames.size(); ++i)
      if (frames[i].label == label) own.push_back(i);
    const size_t count = std::min(own.size(), most_of_a_class);
    for (size_t i = 0; i < count; ++i) out.push_back(own[i * own.size() / count]);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace rc
