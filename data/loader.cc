#include "data/loader.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "data/frame.h"
#include "data/self_blended.h"
#include "engine/error.h"

namespace rc {
namespace {

// A batch being made. A job is one image of it in all its views, so that each file is decoded once.
struct Slot {
  Batch batch;
  int jobs = 0, started = 0, finished = 0;
  int failed_job = 0;
  std::exception_ptr error;  // of the first job that failed, whichever thread ran it
};

// Sets the draws of a blend apart from those of augment(), which count from twice the epoch.
constexpr uint32_t kBlend = 1u << 31;

// Loading gives way to training; that the system refuses is no harm.
void lower_priority() { ::setpriority(PRIO_PROCESS, id_t(::syscall(SYS_gettid)), 10); }

}  // namespace

struct Loader::State {
  const Index& index;
  const Sampler sampler;
  const std::vector<Augmentation> augmentation;
  const NetworkInput input;
  const uint64_t seed;
  const size_t prefetch;

  std::mutex mutex;
  std::condition_variable work, ready;
  std::deque<std::unique_ptr<Slot>> slots;  // oldest first
  uint32_t epoch, step;                     // of the next slot
  bool stop = false;
  std::exception_ptr broken;  // what ended a worker outside any image
  std::vector<std::thread> workers;

  State(const Index& index_, const Sampler& sampler_, std::vector<Augmentation> augmentation_,
        const NetworkInput& input_, uint64_t seed_, int prefetch_, uint32_t epoch_, uint32_t step_)
      : index(index_),
        sampler(sampler_),
        augmentation(std::move(augmentation_)),
        input(input_),
        seed(seed_),
        prefetch(size_t(prefetch_)),
        epoch(epoch_),
        step(step_) {}

  ~State() {
    {
      const std::lock_guard lock(mutex);
      stop = true;
    }
    work.notify_all();
    for (std::thread& worker : workers) worker.join();
  }

  bool blends() const { return augmentation.front().self_blended; }
  bool is_fake_half(size_t row) const {
    const size_t images = size_t(sampler.options().batch);
    return row % images >= images / 2;
  }
  void pair_with_reals(std::vector<Sample>& samples) const {
    for (size_t row = 0; row < samples.size(); ++row)
      if (is_fake_half(row)) {
        const int tuple = samples[row].tuple;  // its own, as of all images that are no forgery tuple's
        samples[row] = samples[row - size_t(sampler.options().batch) / 2];
        samples[row].tuple = tuple;
      }
  }

  void open_slot() {
    auto slot = std::make_unique<Slot>();
    Batch& batch = slot->batch;
    batch.epoch = epoch, batch.step = step, batch.size = input.size;
    batch.samples = sampler.batch(epoch, step);
    if (blends()) pair_with_reals(batch.samples);
    batch.count = int(batch.samples.size());
    batch.pixels.resize(batch.samples.size() * size_t(input.size) * size_t(input.size) * 3);
    batch.flip.resize(batch.samples.size());
    for (const Sample& sample : batch.samples) {
      batch.label.push_back(
          blends() && is_fake_half(batch.label.size()) ? 1 : index.videos.at(size_t(sample.video)).label);
      batch.tuple.push_back(sample.tuple);
    }
    slot->jobs = sampler.options().batch;
    slots.push_back(std::move(slot));
    if (++step == uint32_t(sampler.steps_per_epoch())) ++epoch, step = 0;
  }

  // The slot with an image to do, opening one if there is room; null while there is nothing to do.
  Slot* next_work() {
    const auto unfinished =
        std::ranges::find_if(slots, [](const auto& slot) { return slot->started < slot->jobs; });
    if (unfinished != slots.end()) return unfinished->get();
    if (slots.size() >= prefetch) return nullptr;
    open_slot();
    return slots.back().get();
  }

  void make_image(Batch& batch, int job) const {
    const Sample& first = batch.samples[size_t(job)];
    Image image = read_frame(index, first.video, first.frame, input.smallest_decoded());
    if (blends() && is_fake_half(size_t(job)))
      image = self_blended(image, landmarks_beside(index, first.video, first.frame),
                           Rng(seed, Purpose::augment, kBlend | batch.epoch, first.photometry));
    for (size_t row = size_t(job); row < batch.samples.size(); row += size_t(sampler.options().batch)) {
      const Sample& sample = batch.samples[row];
      const Augmented made = augment(image, augmentation[size_t(sample.view)], input, seed, batch.epoch,
                                     sample.geometry, sample.photometry);
      std::ranges::copy(made.image.rgb, batch.pixels.begin() + std::ptrdiff_t(row * made.image.rgb.size()));
      batch.flip[row] = made.flip;
    }
  }

  void run() {
    lower_priority();
    std::unique_lock lock(mutex);
    for (;;) {
      Slot* slot = nullptr;
      work.wait(lock, [&] { return stop || (slot = next_work()); });
      if (stop) return;
      const int job = slot->started++;
      lock.unlock();
      std::exception_ptr error;
      try {
        make_image(slot->batch, job);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      if (error && (!slot->error || job < slot->failed_job)) slot->error = error, slot->failed_job = job;
      if (++slot->finished == slot->jobs) ready.notify_all();
    }
  }

  void run_guarded() {
    try {
      run();
    } catch (...) {
      const std::lock_guard lock(mutex);
      broken = std::current_exception();
      ready.notify_all();
    }
  }
};

Loader::Loader(const Index& index, const Sampler& sampler, std::vector<Augmentation> augmentation,
               const NetworkInput& input, uint64_t seed, int workers, int prefetch, uint32_t epoch,
               uint32_t step) {
  check(workers >= 1 && prefetch >= 1 && input.size >= 1,
        "Loader needs a worker, a batch ahead and an image size");
  check(int(augmentation.size()) == sampler.options().views, "Loader needs one augmentation a view");
  check(!augmentation.front().self_blended || (!sampler.pairs() && !input.scaled_jpeg),
        "self-blending takes no pairs, and landmarks of whole images");
  check(step < uint32_t(sampler.steps_per_epoch()), "Loader starts behind the epoch's last step");
  state_ =
      std::make_unique<State>(index, sampler, std::move(augmentation), input, seed, prefetch, epoch, step);
  for (int i = 0; i < workers; ++i) state_->workers.emplace_back(&State::run_guarded, state_.get());
}

Loader::~Loader() = default;

Batch Loader::next() {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(state_->mutex);
  auto& slots = state_->slots;
  state_->ready.wait(lock, [&] {
    return state_->broken || (!slots.empty() && slots.front()->finished == slots.front()->jobs);
  });
  if (state_->broken) std::rethrow_exception(state_->broken);
  if (slots.front()->error) std::rethrow_exception(slots.front()->error);
  Batch batch = std::move(slots.front()->batch);
  slots.pop_front();
  lock.unlock();
  state_->work.notify_all();
  batch.wait_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return batch;
}

}  // namespace rc
