#include "train/largest_batch.h"

#include <algorithm>
#include <optional>

namespace rc {
namespace {

constexpr int64_t kMostImages = 65536;  // what the configuration allows

// A vendor's plan that is only spoken of.
class NoPlan : public Plan {
 public:
  std::string engine() const override { return "none"; }
  size_t workspace() const override { return 0; }
  void run(const void*, const void*, void*, void*) override { check(false, "an outline cannot run"); }
};

// Stores activations like another device, and plans nothing.
class OutlineDevice : public Device {
 public:
  explicit OutlineDevice(const Device& like) : like_(like) {}
  std::string name() const override { return like_.name(); }
  std::string description() const override { return like_.description(); }
  Where where() const override { return like_.where(); }
  bool asynchronous() const override { return like_.asynchronous(); }
  size_t reserved() const override { return 0; }
  size_t available() const override { return like_.available(); }
  int64_t activation_block(DType dtype, int64_t channels) const override {
    return like_.activation_block(dtype, channels);
  }
  std::unique_ptr<Plan> plan(const ConvDesc&, Direction, const Policy&) override {
    return std::make_unique<NoPlan>();
  }
  std::unique_ptr<Plan> plan(const GemmDesc&, const Policy&) override { return std::make_unique<NoPlan>(); }

  Memory reserve(size_t) override { refuse(); }
  void upload(void*, const void*, size_t) override { refuse(); }
  void feed(std::span<const Transfer>) override { refuse(); }
  void download(void*, const void*, size_t) override { refuse(); }
  std::unique_ptr<Arrival> fetch(std::span<const Tensor>) override { refuse(); }
  void fill_zero(void*, size_t) override { refuse(); }
  void synchronize() override { refuse(); }
  std::unique_ptr<Recording> record(std::function<void()>) override { refuse(); }

 private:
  [[noreturn]] static void refuse() { throw Error(Exit::internal, "an outline has no memory"); }

  const Device& like_;
};

}  // namespace

int64_t largest_batch(const std::function<size_t(int64_t)>& need, size_t available, int64_t step,
                      int64_t most) {
  // `fits` steps are known to fit, `beyond` are known not to.
  int64_t fits = 0, beyond = most / step + 1;
  while (beyond - fits > 1) {
    const int64_t middle = fits + (beyond - fits) / 2;
    (need(middle * step) <= available ? fits : beyond) = middle;
  }
  return fits * step;
}

MemoryOutline::MemoryOutline(const Device& like, const Config& config, StepKind kind, size_t planned_bytes)
    : like_(like), config_(config), kind_(kind) {
  learn(config.sampler.batch, planned_bytes);
}

size_t MemoryOutline::traced_bytes(int64_t batch) const {
  OutlineDevice device(like_);
  Config config = config_;
  config.sampler.batch = int(batch);
  return trace_step(device, config, kind_).bytes();
}

void MemoryOutline::learn(int64_t batch, size_t planned_bytes) {
  learnt_batch_ = batch;
  const size_t traced = traced_bytes(batch);
  learnt_extra_ = planned_bytes > traced ? planned_bytes - traced : 0;
}

size_t MemoryOutline::bytes(int64_t batch) const {
  const double growth = std::max(1.0, double(batch) / double(learnt_batch_));
  return traced_bytes(batch) + size_t(double(learnt_extra_) * growth);
}

int64_t MemoryOutline::largest(size_t available) const {
  return largest_batch([&](int64_t batch) { return bytes(batch); }, available, step(), kMostImages);
}

int64_t largest_planned_batch(Device& device, const Config& config, StepKind kind, size_t planned_bytes,
                              size_t available) {
  const auto plan = [&](int64_t batch) -> std::optional<size_t> {
    try {
      Config other = config;
      other.sampler.batch = int(batch);
      return trace_step(device, other, kind).bytes();
    } catch (const Error& e) {
      if (e.code() != Exit::device) throw;
      return std::nullopt;
    }
  };

  MemoryOutline outline(device, config, kind, planned_bytes);
  const int64_t step = outline.step();
  int64_t fits = planned_bytes <= available ? config.sampler.batch / step * step : 0;
  int64_t beyond = kMostImages + step;
  while (beyond - fits > step) {
    const int64_t proposed = outline.largest(available), middle = fits + (beyond - fits) / step / 2 * step;
    // The outline does not know where the device's plans end.
    const int64_t next = proposed < beyond ? proposed : middle;
    if (next <= fits) break;
    const std::optional<size_t> bytes = plan(next);
    if (bytes) outline.learn(next, *bytes);
    (bytes && *bytes <= available ? fits : beyond) = next;
  }
  return fits;
}

}  // namespace rc
