#include "engine/device.h"

#include <charconv>
#include <chrono>
#include <utility>

#include "engine/cuda/open.h"
#include "engine/error.h"
#include "engine/host/host_device.h"

namespace rc {
namespace {

class HostClock : public Stopwatch {
 public:
  void mark() override { marks_.push_back(std::chrono::duration<double>(Clock::now() - origin_).count()); }
  std::vector<double> read() override { return std::exchange(marks_, {}); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point origin_ = Clock::now();
  std::vector<double> marks_;
};

}  // namespace

void Plan::run_with_moments(const void*, const void*, void*, float*, void*) {
  throw Error(Exit::internal, "a plan that gathers no moments was asked for them", engine());
}

std::unique_ptr<Stopwatch> Device::stopwatch() { return std::make_unique<HostClock>(); }

const char* name_of(Direction direction) {
  switch (direction) {
    case Direction::forward:
      return "forward";
    case Direction::data_gradient:
      return "data gradient";
    case Direction::weight_gradient:
      return "weight gradient";
  }
  return "?";
}

std::string ConvDesc::text() const {
  return std::string(name_of(dtype)) + " " + Shape{n, h, w, c}.text() + " * " +
         Shape{k, r, s, c / groups}.text() + " stride " + std::to_string(stride) + " pad " +
         std::to_string(pad);
}

std::string GemmDesc::text() const {
  return std::string(name_of(dtype)) + " " + Shape{m, n, k}.text() + (transpose_a ? " T" : " N") +
         (transpose_b ? "T" : "N");
}

std::optional<int> cuda_ordinal(const std::string& device) {
  if (!device.starts_with("cuda:")) return std::nullopt;
  unsigned ordinal = 0;  // no sign is read
  const char* const end = device.data() + device.size();
  const auto [stop, error] = std::from_chars(device.data() + 5, end, ordinal);
  if (error != std::errc() || stop != end || ordinal > 999) return std::nullopt;
  return int(ordinal);
}

std::unique_ptr<Device> open_device(const std::string& name, int threads) {
  if (name == "cpu") return std::make_unique<HostDevice>(threads);
  if (name == "auto") {
    if (const std::string why = why_no_cuda(); !why.empty())
      return std::make_unique<HostDevice>(threads, why);
    return open_cuda(0);
  }
  if (name == "cuda") return open_cuda(0);
  if (const std::optional<int> ordinal = cuda_ordinal(name)) return open_cuda(*ordinal);
  throw Error(Exit::usage, "unknown device \"" + name + "\"", "--device", "auto, cpu, or cuda:N");
}

}  // namespace rc
