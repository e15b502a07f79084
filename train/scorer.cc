#include "train/scorer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <future>
#include <thread>

#include "data/parallel.h"

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
               int64_t batch, int64_t size)
    : device_(device),
      batch_(batch),
      size_(size),
      has_centre_(detector.objective == Objective::real_centric) {
  auto graph = std::make_unique<Graph>(device, variables, policy, false);
  values_ = trace_inference(*graph, detector, batch, size);
  program_ = std::make_unique<Program>(std::move(graph));
}

std::vector<Score> Scorer::run(size_t count, const std::function<Image(size_t)>& image,
                               const std::function<void(size_t)>& done) {
  const size_t bytes = size_t(size_ * size_ * 3), batch = size_t(batch_);
  std::vector<Score> scores(count);
  std::vector<float> logits(2 * batch), distance(batch);
  std::future<std::vector<uint8_t>> next;
  const auto start = [&](size_t first) {
    if (first < count)
      next = std::async(std::launch::async, decode, first, std::min(batch, count - first), bytes,
                        std::cref(image));
  };
  start(0);
  for (size_t first = 0; first < count; first += batch) {
    const size_t n = std::min(batch, count - first);
    std::vector<uint8_t> pixels = next.get();
    start(first + batch);
    pixels.resize(batch * bytes);  // the last batch is filled up with black
    device_.upload(program_->tensor(values_.pixels).data, pixels.data(), pixels.size());
    device_.fill_zero(program_->tensor(values_.flip).data, batch);
    program_->run();
    device_.download(logits.data(), program_->tensor(values_.logits).data, logits.size() * sizeof(float));
    if (has_centre_)
      device_.download(distance.data(), program_->tensor(values_.distance).data,
                       distance.size() * sizeof(float));
    for (size_t i = 0; i < n; ++i)
      scores[first + i] = {logits[2 * i], logits[2 * i + 1], has_centre_ ? distance[i] : Score().distance};
    if (done) done(first + n);
  }
  return scores;
}

}  // namespace rc
