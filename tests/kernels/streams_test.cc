// What is written past the CPU's caches is what would be written through them, wherever an activation begins
// and whatever its storage.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "kernels/batch_norm.h"
#include "kernels/depthwise.h"
#include "kernels/gated_norm.h"
#include "tests/kernels/activations.h"
#include "tests/kernels/on_targets.h"

namespace rc {
namespace {

// n elements that begin `offset` of them behind a cache line.
template <class T>
class Placed {
 public:
  Placed(size_t n, size_t offset) : bytes_(n * sizeof(T) + 128, std::byte{0xff}), n_(n) {
    data_ = reinterpret_cast<T*>((reinterpret_cast<uintptr_t>(bytes_.data()) + 63) / 64 * 64) + offset;
  }
  Placed(const Placed&) = delete;
  T* data() { return data_; }
  bool operator==(const Placed& other) const { return std::memcmp(data_, other.data_, n_ * sizeof(T)) == 0; }

 private:
  std::vector<std::byte> bytes_;
  size_t n_;
  T* data_;
};

// write(place, past_caches) launches a kernel that writes there.
template <class T, class Write>
void same_both_ways(int64_t n, Write write) {
  for (const size_t offset : {0, 8, 16}) {
    Placed<T> through(size_t(n), offset), past(size_t(n), offset), untouched(size_t(n), offset);
    write(through.data(), false);
    write(past.data(), true);
    CHECK(past == through);
    CHECK(!(past == untouched));
  }
}

template <class T>
void check(const Launcher& run, const Depthwise& d) {
  const Channels in = d.in(), out = d.out();
  const auto x = stored<T>(reals(in.size(), -2, 2, 1), in), dy = stored<T>(reals(out.size(), -1, 1, 2), out);
  const std::vector<float> row(size_t(in.channels), 0.75f), gate(size_t(in.images * in.channels), 0.5f),
      taps(size_t(d.filter_size()), 0.25f);
  for (const auto activation : {Activation::relu, Activation::silu})
    same_both_ways<T>(in.size(), [&](T* y, bool past) {
      run(BatchNormApply<T>{x.data(), nullptr, y, row.data(), row.data(), row.data(), row.data(), in,
                            activation, nullptr, past});
    });
  same_both_ways<T>(in.size(), [&](T* y, bool past) {
    run(GatedNormApply<T>{x.data(), gate.data(), y, row.data(), row.data(), row.data(), row.data(), in,
                          past});
  });
  same_both_ways<T>(out.size(), [&](T* y, bool past) {
    run(DepthwiseForward<T>{x.data(), taps.data(), y, d, nullptr, Activation::none, past});
  });
  same_both_ways<T>(in.size(), [&](T* dx, bool past) {
    run(DepthwiseDataGradient<T>{dy.data(), taps.data(), dx, d, nullptr, past});
  });
}

TEST_SUITE("host") {
  TEST_CASE("what is written past the caches is what would be written through them") {
    on_targets([&](const std::string& name, const Launcher& run) {
      CAPTURE(name);
      for (const auto& [c, block] :
           {std::pair<int64_t, int64_t>{32, 16}, {32, 32}, {64, 64}, {96, 96}, {40, 40}, {24, 8}})
        for (const int64_t stride : {1, 2}) {
          const Depthwise d = {2, 9, 13, c, block, 3, stride, 1};
          check<float>(run, d);
          check<Bf16>(run, d);
        }
    });
  }
}

}  // namespace
}  // namespace rc
