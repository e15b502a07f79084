#include "train/scorer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <future>
#include <thread>

#include "data/parallel.h"
#include "engine/arrived_values.h"

namespace rc {
namespace {

// The pixels of images first .. first + n - 1, decoded on all cores.
std::vector<uint8_t> decode(size_t first, size_t n, size_t bytes, const std::function<Image(size_t)>& image) {
  std::vector<uint8_t> pixels(n * bytes);
  const int threads = int(std::clamp<size_t>(std::thread::hardware_concurrency(), 1, n));
  parallel_for(n, threads, [&](size_t i) {
    const Image one = image(first + i);
    check(one.rgb.size() == bytes, "an image to be scored has the detector's size");
    std::memcpy(pixels.data() + i * bytes, one.rgb.data(), bytes);
  });
  return pixels;
}

}  // namespace

double Score::prob_fake() const { return 1 / (1 + std::exp(double(logit_real) - double(logit_fake))); }

Scorer::Scorer(Device& device, Variables& variables, const DetectorOptions& detector, const Policy& policy,
               int64_t batch, int64_t size, bool inspects)
    : device_(device),
      batch_(device.inference_batch(batch)),
      size_(size),
      has_centre_(detector.objective == Objective::real_centric),
      inspects_(inspects) {
  auto graph = std::make_unique<Graph>(device, variables, policy, false);
  values_ = trace_inference(*graph, detector, batch_, size, inspects);
  program_ = std::make_unique<Program>(std::move(graph));
}

std::vector<float> Scorer::weights_of_fake() const {
  const Tensor w = program_->tensor(values_.classifier);
  const size_t features = size_t(w.shape[1]);
  std::vector<float> both(2 * features);
  device_.download(both.data(), w.data, w.bytes());
  return {both.begin() + std::ptrdiff_t(features), both.end()};
}

std::vector<Score> Scorer::run(size_t count, const std::function<Image(size_t)>& image,
                               const std::function<void(size_t)>& done,
                               const std::function<void(size_t, Inspection)>& inspected) {
  std::vector<Score> scores;
  scores.reserve(count);
  const auto keep = [&](std::span<const Score> batch) {
    scores.insert(scores.end(), batch.begin(), batch.end());
    if (done) done(scores.size());
  };
  stream(count, image, keep, inspected);
  return scores;
}

void Scorer::stream(size_t count, const std::function<Image(size_t)>& image,
                    const std::function<void(std::span<const Score>)>& scored,
                    const std::function<void(size_t, Inspection)>& inspected) {
  check(!inspected || inspects_, "a scorer that does not inspect is asked to");
  program_->variables_changed();  // by training since, which may also use the same memory
  const size_t bytes = size_t(size_ * size_ * 3), batch = size_t(batch_);
  std::vector<Score> scores;  // of the batch that has arrived
  const std::vector<uint8_t> unflipped(batch, 0);
  std::future<std::vector<uint8_t>> next;
  const auto start = [&](size_t first) {
    if (first < count)
      next = std::async(std::launch::async, decode, first, std::min(batch, count - first), bytes,
                        std::cref(image));
  };
  std::vector<Tensor> outputs = {program_->tensor(values_.logits)};
  if (has_centre_) outputs.push_back(program_->tensor(values_.distance));
  std::vector<float> fake;  // the classifier's weights of it
  if (inspected) {
    outputs.push_back(program_->tensor(values_.embedding ? values_.embedding : values_.features));
    outputs.push_back(program_->tensor(values_.feature_map));
    fake = weights_of_fake();
  }
  std::unique_ptr<Arrival> arrival;  // of the batch from `arriving` on
  size_t arriving = 0;
  const auto land = [&] {
    if (!arrival) return;
    const size_t n = std::min(batch, count - arriving);
    ArrivedValues values(*arrival, outputs);
    const std::span<const float> logits = values.next<float>();
    scores.assign(n, {});
    for (size_t i = 0; i < n; ++i) scores[i] = {.logit_real = logits[2 * i], .logit_fake = logits[2 * i + 1]};
    if (has_centre_) {
      const std::span<const float> distance = values.next<float>();
      for (size_t i = 0; i < n; ++i) scores[i].distance = distance[i];
    }
    if (inspected) {
      const std::span<const float> embeddings = values.next<float>();
      const size_t dim = embeddings.size() / batch;
      std::vector<LogitMap> maps = logit_maps(values.next(), fake);
      for (size_t i = 0; i < n; ++i) {
        const std::span<const float> own = embeddings.subspan(i * dim, dim);
        inspected(arriving + i, {{own.begin(), own.end()}, std::move(maps[i])});
      }
    }
    arrival.reset();
    scored(scores);
  };

  start(0);
  for (size_t first = 0; first < count; first += batch) {
    std::vector<uint8_t> pixels = next.get();
    start(first + batch);
    pixels.resize(batch * bytes);  // the last batch is filled up with black
    device_.feed(std::array{Transfer{program_->tensor(values_.pixels).data, pixels.data(), pixels.size()},
                            Transfer{program_->tensor(values_.flip).data, unflipped.data(), batch}});
    program_->run();
    std::unique_ptr<Arrival> next_arrival = device_.fetch(outputs);
    land();  // the batch before, while this one runs
    arrival = std::move(next_arrival), arriving = first;
    if (!device_.asynchronous()) land();
  }
  land();
}

}  // namespace rc
