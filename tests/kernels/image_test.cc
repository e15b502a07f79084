#include "kernels/image.h"

#include <doctest/doctest.h>

#include <vector>

#include "kernels/channels.h"
#include "tests/kernels/on_targets.h"

namespace rc {
namespace {

template <class T>
void check_normalised(const Launcher& run, int64_t block, bool flips, int64_t h = 5, int64_t w = 7) {
  const int64_t n = 3;
  std::vector<uint8_t> rgb(size_t(n * h * w * 3));
  for (size_t i = 0; i < rgb.size(); ++i) rgb[i] = uint8_t(i * 37);
  const std::vector<uint8_t> flip{0, 1, 0};
  const float mean[3] = {0.485f, 0.456f, 0.406f}, std[3] = {0.229f, 0.224f, 0.225f};
  std::vector<T> out(rgb.size());
  NormaliseImages<T> kernel{rgb.data(), flips ? flip.data() : nullptr, out.data(), {}, {}, n, h, w, block};
  for (int c = 0; c < 3; ++c) kernel.mean[c] = mean[c], kernel.std[c] = std[c];
  run(kernel);
  const Channels shape{n, h * w, 3, block};
  for (int64_t i = 0; i < n; ++i)
    for (int64_t y = 0; y < h; ++y)
      for (int64_t x = 0; x < w; ++x)
        for (int64_t c = 0; c < 3; ++c) {
          const int64_t from = flips && flip[size_t(i)] ? w - 1 - x : x;
          const float v = float(rgb[size_t(((i * h + y) * w + from) * 3 + c)]);
          const float want = float(T((v / 255 - mean[c]) / std[c]));
          CHECK(float(out[size_t(shape.at(i, y * w + x, c))]) == want);
        }
}

}  // namespace

TEST_SUITE("host") {
  TEST_CASE(
      "images are normalised as PyTorch's ToTensor and Normalize, mirrored where asked, in both storages") {
    on_targets([](const std::string& name, Launcher run) {
      CAPTURE(name);
      for (const int64_t block : {1, 3})
        for (const bool flips : {false, true}) {
          check_normalised<float>(run, block, flips);
          check_normalised<Bf16>(run, block, flips);
          check_normalised<float>(run, block, flips, 1, 1);
          check_normalised<float>(run, block, flips, 2, 301);
          check_normalised<Bf16>(run, block, flips, 2, 301);
        }
    });
  }
}

TEST_SUITE("fibers") {
  TEST_CASE("images are normalised by any number of lanes") {
    on_fibers([](const std::string& name, Launcher run) {
      CAPTURE(name);
      check_normalised<float>(run, 3, true);
    });
  }
}

}  // namespace rc
