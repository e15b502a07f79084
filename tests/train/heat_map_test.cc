// Heat maps: Grad-CAM by its definition with numerical gradients, the map of every backbone beside the logit
// that it explains, and what is laid over an image.
#include "train/heat_map.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/program.h"
#include "engine/rng.h"
#include "kernels/channels.h"
#include "model/backbone.h"
#include "model/ops/pooling.h"
#include "train/scorer.h"

namespace rc {
namespace {

std::vector<float> noise(size_t count, uint32_t stream) {
  Rng rng(7, Purpose::test, stream);
  std::vector<float> out(count);
  for (float& value : out) value = 2 * rng.uniform() - 1;
  return out;
}

// The end of every backbone and the classifier behind it, on a feature map of our own.
struct Ending {
  std::unique_ptr<Device> device = open_device("cpu");
  Variables variables;
  Value map, logits;
  std::unique_ptr<Program> program;
  const Variable* w = nullptr;

  explicit Ending(const TensorDesc& desc) {
    auto graph = std::make_unique<Graph>(*device, variables, Policy{}, false);
    map = graph->input(desc);
    logits = Layers{*graph, 3}.linear(global_average_pool(map), "fc", 2);
    graph->keep(logits);
    program = std::make_unique<Program>(std::move(graph));
    variables.allocate(*device);
    program->prepare();
    w = variables.find("fc.weight");
  }
  float logit_fake(const std::vector<float>& a) {
    device->upload(program->tensor(map).data, a.data(), a.size() * sizeof(float));
    program->run();
    return program->tensor(logits).as<float>()[1];
  }
  std::span<const float> weights_of_fake() const {
    const Tensor t = variables.tensor(*w);
    return {t.as<float>() + t.shape[1], size_t(t.shape[1])};
  }
};

Image noise_image(int size, uint32_t stream) {
  Image image(size, size);
  Rng rng(9, Purpose::test, stream);
  for (uint8_t& byte : image.rgb) byte = uint8_t(rng.next() >> 24);
  return image;
}

}  // namespace

TEST_SUITE("host") {
  // Selvaraju et al., equations 1 and 2: alpha_k is the mean over pixels of dy / dA_k, the map is
  // relu(sum alpha_k A_k). A shift of a whole channel moves y by the sum of those gradients; y is linear in
  // it, so central differences are off by rounding alone: at most (pixels + channels + 2) roundings of a
  // logit whose terms sum to less than `channels` (|w| and |A| are below 1), over the shift.
  TEST_CASE("heat map: Grad-CAM by its definition, with gradients by central differences") {
    constexpr int64_t kHeight = 3, kWidth = 4, kChannels = 8, kPixels = kHeight * kWidth;
    constexpr float kShift = 0.5f;
    constexpr double kAllowed = (kPixels + kChannels + 2) * 0x1p-24 * kChannels / kShift;
    for (const int64_t block : {int64_t(0), int64_t(4), int64_t(1)}) {
      CAPTURE(block);
      Ending net({DType::f32, {1, kHeight, kWidth, kChannels}, block});
      const Channels layout{1, kPixels, kChannels, block == 0 ? kChannels : block};
      const std::vector<float> a = noise(kPixels * kChannels, 1);
      std::vector<double> cam(kPixels);
      for (int64_t k = 0; k < kChannels; ++k) {
        const auto shifted = [&](float by) {
          std::vector<float> out = a;
          for (int64_t p = 0; p < kPixels; ++p) out[size_t(layout.at(0, p, k))] += by;
          return double(net.logit_fake(out));
        };
        const double slope = (shifted(kShift) - shifted(-kShift)) / (2 * kShift);
        CHECK(std::abs(slope - double(net.weights_of_fake()[size_t(k)])) <= kAllowed);
        for (int64_t p = 0; p < kPixels; ++p)
          cam[size_t(p)] += slope / kPixels * double(a[size_t(layout.at(0, p, k))]);
      }
      double most = 0;
      for (double& value : cam) value = std::max(value, 0.0), most = std::max(most, value);
      REQUIRE(most > 0.01);

      Tensor map{net.map.desc()};
      map.data = const_cast<float*>(a.data());
      const std::vector<float> heat =
          heat_map(logit_maps(map, net.weights_of_fake())[0], int(kHeight), int(kWidth));
      // Each alpha is off by kAllowed / kPixels at most, and so is what the map is divided by.
      for (size_t p = 0; p < heat.size(); ++p)
        CHECK(std::abs(double(heat[p]) - cam[p] / most) <= 2 * kChannels * kAllowed / (most * kPixels));
    }
  }

  // That ties map, weights and storage together: the means over pixels, weighted, are the logit. Rounding:
  // the logit is a sum over the features of fp32 means (a bf16 map is summed as it is kept).
  TEST_CASE("heat map: of every backbone, its mean and the bias are the logit") {
    constexpr int kSize = 96, kImages = 3;
    for (const std::string& name : backbone_names())
      for (const DType precision : {DType::f32, DType::bf16}) {
        if (precision == DType::bf16 && name != "resnet18") continue;
        CAPTURE(name);
        const auto device = open_device("cpu");
        Variables variables;
        DetectorOptions options;
        options.backbone = name;
        Scorer scorer(*device, variables, options, Policy{.precision = precision}, 2, kSize, true);
        variables.allocate(*device);
        scorer.prepare();
        std::vector<Inspection> seen;
        const auto scores = scorer.run(
            kImages, [](size_t i) { return noise_image(kSize, uint32_t(i)); }, {},
            [&](size_t i, Inspection one) {
              CHECK(i == seen.size());
              seen.push_back(std::move(one));
            });
        REQUIRE(seen.size() == kImages);
        const std::string classifier = find_backbone(name).classifier;
        const float bias = variables.tensor(*variables.find(classifier + ".bias")).as<float>()[1];
        const int side = name == "xception" ? 3 : kSize / 32;
        for (size_t i = 0; i < seen.size(); ++i) {
          const LogitMap& map = seen[i].fake;
          CHECK((map.height == side && map.width == side));
          double mean = 0, size = 0;
          for (float v : map.values)
            mean += double(v) / double(map.values.size()), size += std::abs(double(v));
          CHECK(std::abs(mean + double(bias) - double(scores[i].logit_fake)) <=
                4096 * 0x1p-24 * (size + 1));  // at most 2048 features and 9 pixels
          CHECK(seen[i].embedding.size() == 128);
        }
        CHECK(seen[0].embedding != seen[2].embedding);
      }
  }

  TEST_CASE("a detector that inspects says the same, and one without a projection shows its features") {
    const auto device = open_device("cpu");
    const auto run = [&](bool inspects, Objective objective, size_t* dim) {
      Variables variables;
      DetectorOptions options;
      options.objective = objective;
      Scorer scorer(*device, variables, options, Policy{}, 2, 32, inspects);
      variables.allocate(*device);
      scorer.prepare();
      const auto image = [](size_t) { return noise_image(32, 5); };
      const auto hear = [&](size_t, Inspection one) { *dim = one.embedding.size(); };
      return dim ? scorer.run(1, image, {}, hear)[0].logit_fake : scorer.run(1, image)[0].logit_fake;
    };
    size_t dim = 0;
    const float plain = run(false, Objective::cross_entropy, nullptr);
    CHECK(plain == run(true, Objective::cross_entropy, nullptr));
    CHECK(plain == run(true, Objective::cross_entropy, &dim));
    CHECK(dim == 512);
  }
}

TEST_SUITE("unit") {
  TEST_CASE("heat map: between places, in [0, 1], nothing where nothing is positive") {
    CHECK(heat_map({1, 2, {0, 4}}, 2, 4) == std::vector<float>{0, 0.25f, 0.75f, 1, 0, 0.25f, 0.75f, 1});
    CHECK(heat_map({2, 1, {-3, 2}}, 4, 1) == std::vector<float>{0, 0.25f, 0.75f, 1});
    CHECK(heat_map({1, 2, {-1, -2}}, 1, 2) == std::vector<float>{0, 0});
    CHECK(heat_map({1, 1, {0.5f}}, 2, 2) == std::vector<float>(4, 1));
    Image image(1, 2);
    image.rgb = {10, 20, 30, 10, 20, 30};
    const Image over = with_heat(image, {1, 2, {-1, 5}});
    CHECK(std::vector(over.rgb.begin(), over.rgb.begin() + 3) == std::vector<uint8_t>{10, 20, 30});
    CHECK(std::vector(over.rgb.begin() + 3, over.rgb.end()) == std::vector<uint8_t>{163, 5, 38});
  }
}

}  // namespace rc
