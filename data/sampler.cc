#include "data/sampler.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>

#include "data/video_entry.h"
#include "engine/error.h"
#include "engine/rng.h"

namespace rc {
namespace {

using Videos = std::vector<int>;

// What a forgery method changes of the target; names of FF++, of DeepfakeBench and of our own forger.
enum class Family { identity, expression, unknown };

Family family(const std::string& method) {
  constexpr std::array<std::string_view, 7> kIdentity = {
      "Deepfakes", "FaceSwap", "FaceShifter", "DeepFakeDetection", "FF-DF", "FF-FS", "FF-FH"};
  constexpr std::array<std::string_view, 5> kExpression = {"Face2Face", "NeuralTextures", "FF-F2F", "FF-NT",
                                                           "Reenact"};
  if (std::ranges::find(kIdentity, method) != kIdentity.end()) return Family::identity;
  if (std::ranges::find(kExpression, method) != kExpression.end()) return Family::expression;
  return Family::unknown;
}

// What frame k of a target and of its fakes have in common: the file's stem, without leading zeros, or the
// number of a video file's frame. Where the
// one image is named after the video itself (an image directly in its class folder), nothing.
std::string frame_name(const Video& video, const std::string& path) {
  if (const auto frame = video_frame(path)) return std::to_string(frame->number);
  std::string stem = std::filesystem::path(path).stem().string();
  if (video.frames.size() == 1 && stem == std::filesystem::path(video.id).filename().string()) return "";
  if (stem.find_first_not_of("0123456789") == std::string::npos)
    stem.erase(0, std::min(stem.find_first_not_of('0'), stem.size() - 1));
  return stem;
}

void shuffle(std::vector<int>& items, Rng& rng) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[rng.below(uint32_t(i))]);
}

std::vector<int> shuffled(size_t n, Rng& rng) {
  std::vector<int> order(n);
  std::iota(order.begin(), order.end(), 0);
  shuffle(order, rng);
  return order;
}

void check_options(const SamplerOptions& o) {
  const auto require = [](bool holds, const std::string& what, const std::string& hint) {
    if (!holds) throw Error(Exit::usage, what, "sampler", hint);
  };
  require(o.pairing == "auto" || o.pairing == "tuple" || o.pairing == "balanced",
          "unknown pairing \"" + o.pairing + "\"", "auto, tuple or balanced");
  require(o.method_pair == "any" || o.method_pair == "cross" || o.method_pair == "same",
          "unknown method_pair \"" + o.method_pair + "\"", "any, cross or same");
  require(o.views == 1 || o.views == 2, "views must be 1 or 2, not " + std::to_string(o.views),
          "2 is the method's");
  require(o.batch > 0 && o.batch % 2 == 0, "batch must be positive and even, not " + std::to_string(o.batch),
          "half of it is real");
}

}  // namespace

Sampler::Sampler(const Index& train, SamplerOptions options) : options_(std::move(options)) {
  check_options(options_);
  std::map<std::string, int> names;
  for (const Video& video : train.videos) {
    (video.label ? fake_ : real_).push_back(int(frames_.size()));
    frames_.push_back(int(video.frames.size()));
    auto& named = by_name_.emplace_back();
    for (const std::string& path : video.frames)
      named.emplace_back(names.try_emplace(frame_name(video, path), int(names.size())).first->second,
                         int(named.size()));
    std::ranges::sort(named);
  }
  for (const auto& [videos, name] : {std::pair(&real_, "real"), std::pair(&fake_, "fake")})
    if (videos->empty())
      throw Error(Exit::data, std::string("no ") + name + " videos to train on", train.root.string(),
                  "both classes are needed in the training split");

  if (options_.pairing != "balanced") find_pairs(train);
  if (options_.pairing == "tuple" && pairs_.empty())
    throw Error(Exit::data, "no forgery tuples to train on",
                train.root.string() + ", method_pair \"" + options_.method_pair + "\"",
                "fakes must be named <target>_<source> after real videos of the same split and share frame "
                "names with the target; or use pairing balanced");
  if (pairs() && options_.batch % 4 != 0)
    throw Error(Exit::usage,
                "batch must be a multiple of 4 with forgery tuples, not " + std::to_string(options_.batch),
                "sampler");

  int64_t images = 0;
  if (pairs()) {
    for (const Pair& pair : pairs_)
      for (const Directed& directed : pair) images += 4 * frames_[size_t(directed.target)];
  } else {
    images = std::accumulate(frames_.begin(), frames_.end(), int64_t(0));
  }
  steps_ = int((images + options_.batch - 1) / options_.batch);
}

void Sampler::find_pairs(const Index& train) {
  std::map<std::pair<std::string, std::string>, int> reals;  // (dataset, id)
  for (const int video : real_)
    reals.try_emplace({train.videos[size_t(video)].dataset, train.videos[size_t(video)].id}, video);
  std::map<std::pair<int, int>, Videos> forged;  // (target, source)
  for (const int video : fake_) {
    const Video& fake = train.videos[size_t(video)];
    const auto target = reals.find({fake.dataset, fake.target}),
               source = reals.find({fake.dataset, fake.source});
    if (target != reals.end() && source != reals.end() && target != source)
      forged[{target->second, source->second}].push_back(video);
  }
  std::map<std::pair<int, int>, Pair> unordered;
  for (const auto& [key, fakes] : forged) {
    Directed directed{key.first, key.second, {}};
    if (choose_fakes(train, directed, fakes))
      unordered[std::minmax(key.first, key.second)].push_back(std::move(directed));
  }
  for (auto& [key, pair] : unordered) pairs_.push_back(std::move(pair));
}

bool Sampler::choose_fakes(const Index& train, Directed& directed, const std::vector<int>& fakes) const {
  const auto method = [&](int video) -> const std::string& { return train.videos[size_t(video)].method; };
  const auto usable = [&](int a, int b) { return !common_frames({directed.target, a, b}).empty(); };
  for (size_t i = 0; i < fakes.size() && options_.method_pair != "same"; ++i)
    for (size_t j = i + 1; j < fakes.size(); ++j) {
      const Family a = family(method(fakes[i])), b = family(method(fakes[j]));
      const bool crosses = a != b && a != Family::unknown && b != Family::unknown;
      const bool wanted = options_.method_pair == "any" ? method(fakes[i]) != method(fakes[j]) : crosses;
      if (wanted && usable(fakes[i], fakes[j])) directed.fakes.emplace_back(fakes[i], fakes[j]);
    }
  if (directed.fakes.empty() && options_.method_pair != "cross")
    for (const int fake : fakes)
      if (usable(fake, fake)) directed.fakes.emplace_back(fake, fake);
  return !directed.fakes.empty();
}

// The frames that all videos have by name: for each, the frame's place in each video.
std::vector<std::vector<int>> Sampler::common_frames(const std::vector<int>& videos) const {
  std::vector<std::vector<int>> common;
  for (const auto& [name, first] : by_name_[size_t(videos.front())]) {
    std::vector<int> places = {first};
    for (size_t v = 1; v < videos.size(); ++v) {
      const auto& named = by_name_[size_t(videos[v])];
      const auto at = std::ranges::lower_bound(named, std::pair(name, 0));
      if (at == named.end() || at->first != name) break;
      places.push_back(at->second);
    }
    if (places.size() == videos.size()) common.push_back(std::move(places));
  }
  return common;
}

std::vector<Sampler::Pick> Sampler::draw_tuples(uint32_t epoch, uint32_t step) const {
  Rng rng(options_.seed, Purpose::sampler, epoch, step);
  const size_t wanted = size_t(options_.batch) / 4;
  const std::vector<int> order = shuffled(pairs_.size(), rng);

  // First the pairs whose people are new to the batch, then the other ones, then all once more.
  std::vector<int> chosen, others;
  std::set<int> people;
  for (const int p : order) {
    if (chosen.size() == wanted) break;
    const Directed& any = pairs_[size_t(p)].front();
    const bool fresh = !people.contains(any.target) && !people.contains(any.source);
    if (fresh) people.insert({any.target, any.source});
    (fresh ? chosen : others).push_back(p);
  }
  for (size_t i = 0; i < others.size() && chosen.size() < wanted; ++i) chosen.push_back(others[i]);
  for (size_t i = 0; chosen.size() < wanted; ++i) chosen.push_back(chosen[i]);

  std::vector<Pick> picks;
  for (const int p : chosen) {
    const Pair& pair = pairs_[size_t(p)];
    const Directed& tuple = pair[rng.below(uint32_t(pair.size()))];
    auto [first, second] = tuple.fakes[rng.below(uint32_t(tuple.fakes.size()))];
    if (rng.coin(0.5f)) std::swap(first, second);
    const auto common = common_frames({tuple.target, first, second});
    const auto& k = common[rng.below(uint32_t(common.size()))];
    const int other = int(rng.below(uint32_t(frames_[size_t(tuple.source)])));
    picks.insert(picks.end(), {{tuple.target, k[0]}, {tuple.source, other}, {first, k[1]}, {second, k[2]}});
  }
  return picks;
}

std::vector<Sampler::Pick> Sampler::draw_balanced(uint32_t epoch, uint32_t step) const {
  Rng rng(options_.seed, Purpose::sampler, epoch, step);
  std::vector<Pick> picks;
  for (const Videos* videos : {&real_, &fake_}) {
    const std::vector<int> order = shuffled(videos->size(), rng);
    for (size_t i = 0; i < size_t(options_.batch) / 2; ++i) {
      const int video = (*videos)[size_t(order[i % order.size()])];
      picks.emplace_back(video, int(rng.below(uint32_t(frames_[size_t(video)]))));
    }
  }
  return picks;
}

std::vector<Sample> Sampler::batch(uint32_t epoch, uint32_t step) const {
  const std::vector<Pick> picks = pairs() ? draw_tuples(epoch, step) : draw_balanced(epoch, step);
  std::vector<Sample> samples;
  for (int view = 0; view < options_.views; ++view)
    for (int i = 0; i < options_.batch; ++i) {
      const uint32_t first = (step * uint32_t(options_.views) + uint32_t(view)) * uint32_t(options_.batch);
      const bool forged_here =
          pairs() && i % 4 >= 2;  // follows the geometry of its target, two or three places before
      Sample sample;
      std::tie(sample.video, sample.frame) = picks[size_t(i)];
      sample.tuple = pairs() ? i / 4 : i;
      sample.view = view;
      sample.photometry = first + uint32_t(i);
      sample.geometry = first + uint32_t(forged_here ? i - i % 4 : i);
      samples.push_back(sample);
    }
  return samples;
}

}  // namespace rc
