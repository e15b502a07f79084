// The CUDA device's own work on the emulated GPU: order of copies and kernels, results fetched late,
// recordings; and that a missing wait or an early free is seen.
#include "engine/cuda/cuda_device.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "engine/arrived_values.h"
#include "engine/cuda/open.h"
#include "kernels/elementwise.h"
#include "tests/emulated/emulator.h"
#include "tests/emulated/host_vendor.h"
#include "tests/emulated/memory.h"
#include "tests/emulated/runtime_calls.h"

namespace rc {
namespace {

constexpr int64_t kSize = 1000;

// Nothing queued runs until something waits for it, and the youngest stream first: order is what events say.
bool lazy() {
  const char* mode = std::getenv("PTXEMU_ASYNC");
  return mode && std::string(mode) == "lazy";
}

std::vector<float> numbers(int64_t from) {
  std::vector<float> v(kSize);
  std::iota(v.begin(), v.end(), float(from));
  return v;
}

// Steps of y = 3 x that are all queued before the first is read; returns what each gave.
std::vector<std::vector<float>> queued_steps(int steps) {
  CudaDevice device(0, open_host_vendor);
  const Memory x = device.reserve(kSize * sizeof(float)), y = device.reserve(kSize * sizeof(float));
  const Scale<float> triple{reinterpret_cast<float*>(x.data()), reinterpret_cast<float*>(y.data()), 3, kSize};
  Tensor out;
  out.shape = {kSize}, out.data = y.data();

  std::vector<std::unique_ptr<Arrival>> arrivals;
  for (int step = 0; step < steps; ++step) {
    std::vector<float> in = numbers(1000 * step);
    const Transfer transfer{x.data(), in.data(), in.size() * sizeof(float)};
    device.feed({&transfer, 1});
    std::ranges::fill(in, -1.0f);  // the host's memory is the caller's again
    launch(device.where(), triple);
    arrivals.push_back(device.fetch({&out, 1}));
  }
  std::vector<std::vector<float>> results;
  for (const auto& arrival : arrivals) {
    const std::span<const float> values = ArrivedValues(*arrival, {&out, 1}).next<float>();
    results.emplace_back(values.begin(), values.end());
  }
  return results;
}

bool are_tripled(const std::vector<std::vector<float>>& results) {
  for (size_t step = 0; step < results.size(); ++step) {
    std::vector<float> expected = numbers(1000 * int64_t(step));
    for (float& v : expected) v *= 3;
    if (results[step] != expected) return false;
  }
  return true;
}

}  // namespace

TEST_SUITE("emulated") {
  TEST_CASE("steps that are fed ahead each see their own inputs") {
    const OrdinaryMemory ordinary;
    const NoComplaints from_the_emulator;
    CHECK(are_tripled(queued_steps(6)));
  }

  // Work that runs at once is in order whatever the events say; that is why the rung also runs lazily.
  TEST_CASE("planted: without its events the feed is seen to be wrong") {
    const OrdinaryMemory ordinary;
    runtime_calls().drop_stream_waits = true;
    const auto results = queued_steps(6);
    runtime_calls().drop_stream_waits = false;
    CHECK(are_tripled(results) == !lazy());
  }

  TEST_CASE("planted: memory that is freed under queued work is seen") {
    const OrdinaryMemory ordinary;
    CudaDevice device(0, open_host_vendor);
    const auto fill_and_free = [&] {
      const Memory memory = device.reserve(kSize * sizeof(float));
      device.synchronize();
      launch(device.where(), Fill<float>{reinterpret_cast<float*>(memory.data()), 1, kSize});
    };
    fill_and_free();
    CHECK_NOTHROW(device.synchronize());
    Listener listener;
    runtime_calls().free_at_once = true;
    fill_and_free();
    runtime_calls().free_at_once = false;
    if (lazy())
      CHECK_THROWS_WITH_AS(device.synchronize(), doctest::Contains("CUDA: "), Error);
    else
      CHECK_NOTHROW(device.synchronize());
    CHECK((listener.end().find("out-of-bounds global write") != std::string::npos) == lazy());
    cudaDeviceReset();
  }

  TEST_CASE("a stopwatch tells when the GPU came to its marks, and waits only to read") {
    const OrdinaryMemory ordinary;
    const NoComplaints from_the_emulator;
    CudaDevice device(0, open_host_vendor);
    const Memory memory = device.reserve(kSize * sizeof(float));
    const Fill<float> fill{reinterpret_cast<float*>(memory.data()), 1, kSize};
    device.synchronize();
    const auto made = std::chrono::steady_clock::now();
    const std::unique_ptr<Stopwatch> watch = device.stopwatch();
    double last = 0;
    for (int round = 0; round < 3; ++round) {  // the second takes the events of the first, and one more
      runtime_calls().clear();
      watch->mark();
      for (int i = 0; i < 200; ++i) launch(device.where(), fill);
      watch->mark();
      for (int i = 0; i < round; ++i) watch->mark();
      CHECK(runtime_calls().waits + runtime_calls().event_waits == 0);
      const std::vector<double> seconds = watch->read();
      CHECK(runtime_calls().waits + runtime_calls().event_waits == 1);
      REQUIRE(seconds.size() == size_t(2 + round));
      CHECK(std::ranges::is_sorted(seconds));
      CHECK(seconds[0] >= last);
      // Two hundred emulated kernels of a thousand elements each, a microsecond at the very least.
      CHECK(seconds[1] - seconds[0] > 200e-6);
      last = seconds.back();
      CHECK(last <= std::chrono::duration<double>(std::chrono::steady_clock::now() - made).count());
    }
    CHECK(watch->read().empty());
  }

  TEST_CASE("a reservation is zeros, counted, and gone with its owner") {
    const OrdinaryMemory ordinary;
    const NoComplaints from_the_emulator;
    CudaDevice device(0, open_host_vendor);
    {
      const Memory memory = device.reserve(256);
      CHECK(device.reserved() == 256);
      std::vector<char> bytes(256, 1);
      device.download(bytes.data(), memory.data(), 256);
      CHECK(bytes == std::vector<char>(256, 0));
    }
    CHECK(device.reserved() == 0);
    CHECK(device.reserve(0).data() == nullptr);
  }

  TEST_CASE("more memory than there is: an error of that kind, and the device goes on") {
    const OrdinaryMemory ordinary;
    CudaDevice device(0, open_host_vendor);
    try {
      device.reserve(size_t(1) << 50);
      FAIL_CHECK("a petabyte was reserved");
    } catch (const Error& e) {
      CHECK(e.code() == Exit::memory);
      CHECK(std::string(e.what()).find("MiB are free") != std::string::npos);
    }
    CHECK(device.reserved() == 0);
    CHECK_NOTHROW(device.reserve(64));
  }

  TEST_CASE("a GPU that is not there: exit code 4, and how many there are") {
    const OrdinaryMemory ordinary;
    try {
      CudaDevice(7, open_host_vendor);
      FAIL_CHECK("a GPU that is not there was opened");
    } catch (const Error& e) {
      CHECK(e.code() == Exit::device);
      CHECK(std::string(e.what()) == "there is no GPU 7; the driver sees 1");
    }
  }

  TEST_CASE(
      "another machine: no driver, one that is too old, no GPU, no code for it: one line, exit code 4") {
    const OrdinaryMemory ordinary;
    RuntimeCalls& calls = runtime_calls();
    const auto refusal = [&]() -> std::string {
      std::string what;
      try {
        CudaDevice(0, open_host_vendor);
      } catch (const Error& e) {
        CHECK(e.code() == Exit::device);
        what = e.what();
      }
      calls.count_status = calls.code_status = cudaSuccess, calls.driver = -1;
      return what;
    };
    calls.count_status = cudaErrorInsufficientDriver, calls.driver = 0;
    CHECK(why_no_cuda() == "no NVIDIA driver on this machine");
    CHECK(open_device("auto")->description().ends_with("; no GPU: no NVIDIA driver on this machine"));
    CHECK(refusal() == "no NVIDIA driver on this machine");
    calls.count_status = cudaErrorInsufficientDriver, calls.driver = 12040;
    CHECK(refusal() == "the NVIDIA driver is too old: it knows CUDA 12.4, this program needs 13.0");
    calls.count_status = cudaErrorNoDevice;
    CHECK(refusal() == "the NVIDIA driver sees no GPU");
    calls.code_status = cudaErrorNoKernelImageForDevice;
    CHECK(refusal().starts_with("this program has no code for "));
    CHECK(refusal().empty());  // and this one opens
  }

  TEST_CASE("a recording replays, takes other operands, and survives work that fails to queue") {
    const OrdinaryMemory ordinary;
    const NoComplaints from_the_emulator;
    CudaDevice device(0, open_host_vendor);
    const Memory a = device.reserve(kSize * sizeof(float)), b = device.reserve(kSize * sizeof(float));
    float* target = reinterpret_cast<float*>(a.data());
    const auto read = [&](const Memory& m) {
      float first = 0;
      device.download(&first, m.data(), sizeof first);
      return first;
    };
    const auto recording = device.record([&] {
      launch(device.where(), AddScaled<float>{target, target, target, 1, kSize});
    });
    launch(device.where(), Fill<float>{target, 1, kSize});
    recording->replay();
    recording->replay();
    CHECK(read(a) == 4);

    target = reinterpret_cast<float*>(b.data());
    launch(device.where(), Fill<float>{target, 5, kSize});
    recording->update();
    recording->replay();
    CHECK(read(a) == 4);
    CHECK(read(b) == 10);

    CHECK_THROWS_AS(device.record([] { throw Error(Exit::internal, "no"); }), Error);
    launch(device.where(), Fill<float>{target, 7, kSize});
    CHECK(read(b) == 7);
  }
}

}  // namespace rc
