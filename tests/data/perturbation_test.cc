#include "data/perturbation.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "data/blur.h"
#include "data/resize.h"
#include "engine/file.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

constexpr Resampling kLinear = Resampling::cv2_linear;

Perturbation of(const std::string& text) { return parse_perturbations(text).at(0); }

// What tests/golden/perturbations.py had NumPy and OpenCV make of a picture.
struct Golden {
  nlohmann::json json = nlohmann::json::parse(read_file("tests/golden/perturbations.json"));

  Image image(const nlohmann::json& base64) const {
    Image out(json["height"], json["width"]);
    out.rgb = decode_base64(base64);
    REQUIRE(out.rgb.size() == size_t(out.height) * size_t(out.width) * 3);
    return out;
  }
  Image ours(const Perturbation& p) const {
    return perturb(image(json["picture"]), p, json["seed"], json["image"]);
  }
  Image theirs(const Perturbation& p) const {
    return image(json["kinds"][p.kind->name][size_t(p.level - 1)]);
  }

 private:
  static std::vector<uint8_t> decode_base64(const std::string& text) {
    static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::vector<uint8_t> out;
    uint32_t bits = 0, have = 0;
    for (char c : text) {
      if (c == '=') break;
      bits = bits << 6 | uint32_t(digits.find(c)), have += 6;
      if (have >= 8) out.push_back(uint8_t(bits >> (have -= 8)));
    }
    return out;
  }
};

// Bilinear by its definition: pixel centres at i + 1/2, what lies outside is the border.
double bilinear(const Image& image, double y, double x, int channel) {
  y = std::clamp(y, 0.0, image.height - 1.0), x = std::clamp(x, 0.0, image.width - 1.0);
  double sum = 0;
  for (int j = 0; j < image.height; ++j)
    for (int i = 0; i < image.width; ++i)
      sum +=
          std::max(0.0, 1 - std::abs(y - j)) * std::max(0.0, 1 - std::abs(x - i)) * image.at(j, i)[channel];
  return sum;
}

double deviation(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  for (double v : values) sum += v, squares += v * v;
  const double n = double(values.size());
  return std::sqrt(squares / n - sum / n * sum / n);
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("perturbations: a word is a kind or a level of it; a list has an order of its own") {
    CHECK(parse_perturbations("jpeg").size() == 5);
    CHECK(of("jpeg").parameter() == 90);
    CHECK(of("blur:3").text() == "blur:3");
    CHECK(of("blur:3").parameter() == 13);
    CHECK(of("noise:5").parameter() == 0.05);
    CHECK(of("resize:1").parameter() == 2);
    const auto list = parse_perturbations("blur:3,jpeg:2,blur:1,blur:3");
    REQUIRE(list.size() == 3);
    CHECK(list[0].text() == "jpeg:2");
    CHECK(list[1].text() == "blur:1");
    CHECK(list[2].text() == "blur:3");
    CHECK(list == parse_perturbations("blur:1,blur:3,jpeg:2"));

    const auto internet = parse_perturbations("internet,jpeg:4");
    CHECK(internet.size() == 12);
    CHECK(internet[3].parameter() == 30);  // 90, 70, 50, 30 and no lower quality
    CHECK(internet[4].text() == "rescale:1");
    CHECK(parse_perturbations("deeperforensics").size() == 35);
    for (const PerturbationGroup& group : perturbation_groups())
      CHECK(parse_perturbations(group.name) == parse_perturbations(group.members));
  }

  TEST_CASE("perturbations: what is none is refused with those that there are") {
    for (const char* word :
         {"", "jpg", "jpeg:0", "jpeg:6", "jpeg:12", "jpeg:", "jpeg:x", "blur,", "blur:3:1", "internet:1"}) {
      const std::string text = error_of(Exit::usage, [&] { parse_perturbations(word); });
      CHECK(contains(text, "there are jpeg, blur, noise, resize"));
    }
    CHECK(contains(error_of(Exit::usage, [] { parse_perturbations("blurr:2"); }), "did you mean \"blur\"?"));
  }

  TEST_CASE("perturbations: jpeg is the codec's round trip, weaker qualities are further away") {
    const Image image = noise(48, 40, 3);
    double last = 0;
    for (const Perturbation& p : parse_perturbations("jpeg")) {
      const Image out = perturb(image, p, 1, 2);
      CHECK(out == decode_image(encode_jpeg(image, int(p.parameter())), "x"));
      CHECK(mean_difference(image, out) > last);
      last = mean_difference(image, out);
    }
  }

  TEST_CASE("perturbations: blur, contrast and pixelation are those of NumPy and OpenCV, bit for bit") {
    const Golden golden;
    for (const Perturbation& p : parse_perturbations("blur,contrast,resize")) {
      INFO(p.text());
      CHECK(golden.ours(p) == golden.theirs(p));
    }
  }

  TEST_CASE(
      "perturbations: saturation and noise are those of NumPy and OpenCV up to the roundings of floats") {
    // Theirs goes to studio swing and back, about 20 roundings of values up to 510 (noise: 1100): each at
    // most 2^-16 (2^-14), and a factor of 1.8 from chroma to colour. Only where that moves a value over a
    // whole number do the cut ones differ, and then by one level: a share of twice that of the values.
    const Golden golden;
    for (const Perturbation& p : parse_perturbations("saturation,noise")) {
      INFO(p.text());
      const Image ours = golden.ours(p), theirs = golden.theirs(p);
      const double moved = 20 * 1.8 * (p.kind->name == std::string("noise") ? 0x1p-14 : 0x1p-16);
      int different = 0;
      for (size_t i = 0; i < ours.rgb.size(); ++i) {
        different += ours.rgb[i] != theirs.rgb[i];
        CHECK(std::abs(ours.rgb[i] - theirs.rgb[i]) <= 1);
      }
      CHECK(different <= std::ceil(2 * moved * double(ours.rgb.size())));
    }
  }

  TEST_CASE("perturbations: greys and primary colours without saturation, by hand") {
    // Y of red is 76.245, of green 149.685, of blue 29.07; what remains of chroma shifts by -1/448 of a
    // level, so that a grey v keeps its green and loses a level of red and blue.
    Image image(1, 4);
    const uint8_t colours[] = {128, 128, 128, 255, 0, 0, 0, 255, 0, 0, 0, 255};
    std::ranges::copy(colours, image.rgb.begin());
    const std::vector<uint8_t> grey = {127, 128, 127, 76, 76, 76, 149, 149, 149, 29, 29, 29};
    CHECK(perturb(image, of("saturation:5"), 1, 2).rgb == grey);
    CHECK(perturb(image, of("contrast:5"), 1, 2).rgb ==
          std::vector<uint8_t>{44, 44, 44, 89, 0, 0, 0, 89, 0, 0, 0, 89});
  }

  TEST_CASE("perturbations: blocks lie where the draws say, as many as the smaller side has room for") {
    const Golden golden;
    for (const auto& set : golden.json["block"]) {
      Image image(set["height"], set["width"]);
      std::ranges::fill(image.rgb, uint8_t(7));
      Image expected = image;
      for (const auto& place : set["places"])
        for (int y = 0; y < 8; ++y)
          for (int x = 0; x < 8; ++x)
            std::fill_n(expected.at(place[1].get<int>() + y, place[0].get<int>() + x), 3, uint8_t(128));
      const Perturbation p = of("block:" + std::to_string(set["level"].get<int>()));
      CHECK(perturb(image, p, golden.json["seed"], golden.json["image"]) == expected);
    }
    CHECK(golden.json["block"][0]["places"].size() == 16);
    CHECK(golden.json["block"][2]["places"].size() == 32);
    CHECK(golden.json["block"][4]["places"].empty());  // 255 rows
  }

  TEST_CASE("perturbations: blur of one grey is that grey, at any border") {
    for (const int side : {1, 2, 9}) {
      Image grey(side, side);
      std::ranges::fill(grey.rgb, uint8_t(201));
      for (const Perturbation& p : parse_perturbations("blur")) CHECK(perturb(grey, p, 1, 2) == grey);
    }
  }

  TEST_CASE("perturbations: rescale goes down with a good filter and keeps the size") {
    const Image image = noise(24, 40, 9);
    CHECK(perturb(image, of("rescale:2"), 1, 2) == resize(resize(image, 12, 20), 24, 40, kLinear));
    CHECK(perturb(image, of("rescale:2"), 1, 2) != perturb(image, of("resize:1"), 1, 2));
    CHECK(perturb(noise(3, 2, 1), of("rescale:5"), 1, 2).height == 3);  // one pixel is left
  }

  TEST_CASE("perturbations: noise has the effective strength of DeeperForensics in luma and chroma") {
    // 255^2 / 219 sqrt(p) and 255^2 / 224 sqrt(p) grey levels: 9.39 and 9.18 at the first level. The mean
    // loses half a level because numbers are cut, not rounded. Of 200 x 200 draws a deviation strays by
    // 1 / sqrt(2 n) = 0.35 %; four times that, and 1/12 of variance for the cut. Levels that clip are not
    // measured.
    Image grey(200, 200);
    std::ranges::fill(grey.rgb, uint8_t(128));
    for (const char* text : {"noise:1", "noise:2", "noise:3"}) {
      const Perturbation p = of(text);
      const Image out = perturb(grey, p, 7, 0);
      std::vector<double> luma, red, blue;
      double mean = 0;
      for (size_t i = 0; i < out.rgb.size(); i += 3) {
        const double r = out.rgb[i], g = out.rgb[i + 1], b = out.rgb[i + 2],
                     y = 0.299 * r + 0.587 * g + 0.114 * b;
        luma.push_back(y), red.push_back(0.713 * (r - y)), blue.push_back(0.564 * (b - y));
        mean += y / 40000;
      }
      const double y = 255.0 * 255 / 219 * std::sqrt(p.parameter()),
                   c = 255.0 * 255 / 224 * std::sqrt(p.parameter());
      CHECK(std::abs(mean - 127.5) < 4 * y / 200);
      CHECK(deviation(luma) == doctest::Approx(y).epsilon(4 * 0.0035 + 0.001));
      CHECK(deviation(red) == doctest::Approx(c).epsilon(4 * 0.0035 + 0.001));
      CHECK(deviation(blue) == doctest::Approx(c).epsilon(4 * 0.0035 + 0.001));
      // The channels are independent: their correlation strays by 1 / sqrt(n) = 0.005.
      double product = 0;
      for (size_t i = 0; i < luma.size(); ++i) product += (luma[i] - mean) * red[i] / 40000;
      CHECK(std::abs(product / (y * c)) < 4 * 0.005);
    }
  }

  TEST_CASE("perturbations: noise of no strength cuts what the change of colours leaves") {
    // OpenCV's factors there and back are off by at most 0.0004 of 255 levels, and numbers are cut.
    const Image image = noise(16, 16, 5);
    PerturbationKind none = *of("noise").kind;
    const Image out = none.apply(image, 0, Rng(1, Purpose::test));
    for (size_t i = 0; i < image.rgb.size(); ++i)
      CHECK((image.rgb[i] - out.rgb[i] == 0 || image.rgb[i] - out.rgb[i] == 1));
  }

  TEST_CASE("perturbations: resize against bilinear sums over the whole image") {
    // A weight of 11 bits is off by 2^-12; 255 levels, two directions. OpenCV cuts both rows' shares to
    // quarters of a level after it has cut them by 4 bits, which takes away less than 2 + 1/32 quarters, and
    // rounds the sum of quarters: three of them may go.
    const double tolerance = 0.25 * (2 + 1 / 32.0 + 3) - 0.5 + 2 * 255 * 0x1p-12;
    const Image image = noise(23, 17, 6);
    for (const auto& [height, width] : {std::pair(11, 8), std::pair(7, 5), std::pair(3, 2), std::pair(40, 31),
                                        std::pair(23, 17), std::pair(1, 1)}) {
      const Image out = resize(image, height, width, kLinear);
      double worst = 0;
      for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
          for (int c = 0; c < 3; ++c)
            worst = std::max(worst, std::abs(out.at(y, x)[c] - bilinear(image, (y + 0.5) * 23 / height - 0.5,
                                                                        (x + 0.5) * 17 / width - 0.5, c)));
      CHECK(worst <= tolerance);
    }
    for (const Perturbation& p : parse_perturbations("resize")) {
      const int f = int(p.parameter());
      CHECK(perturb(image, p, 1, 2) == resize(resize(image, 23 / f, 17 / f, kLinear), 23, 17, kLinear));
    }
    CHECK(perturb(noise(3, 2, 1), of("resize:5"), 1, 2).height == 3);  // one pixel is left
  }

  TEST_CASE("perturbations: by hand, two pixels to four") {
    Image two(1, 2);
    two.at(0, 0)[0] = 0, two.at(0, 1)[0] = 200;
    const Image four = resize(two, 1, 4, kLinear);  // at -0.25, 0.25, 0.75, 1.25
    CHECK(four.at(0, 0)[0] == 0);
    CHECK(four.at(0, 1)[0] == 50);
    CHECK(four.at(0, 2)[0] == 150);
    CHECK(four.at(0, 3)[0] == 200);
    CHECK(resize(four, 1, 2, kLinear).at(0, 1)[0] == 175);  // no antialiasing at 2 : 1, the mean of two
  }

  TEST_CASE("perturbations: draws depend on seed and image, are shared by the levels, and keep the size") {
    const Image image = gradient(20, 30);
    std::set<std::vector<uint8_t>> different;
    for (uint32_t number = 0; number < 10; ++number)
      for (uint64_t seed : {1, 2}) different.insert(perturb(image, of("noise:4"), seed, number).rgb);
    CHECK(different.size() == 20);
    for (const Perturbation& p : parse_perturbations("jpeg,blur,noise,resize,saturation,contrast,rescale")) {
      const Image out = perturb(image, p, 1, 2);
      CHECK(out == perturb(image, p, 1, 2));
      CHECK(out.height == 20);
      CHECK(out.width == 30);
      CHECK(out != image);
    }
    // Where nothing is clipped, noise of twice the strength strays twice as far from the cut original.
    Image grey(8, 8);
    std::ranges::fill(grey.rgb, uint8_t(128));
    const Image weak = perturb(grey, of("noise:1"), 1, 2), strong = perturb(grey, of("noise:4"), 1, 2);
    for (size_t i = 0; i < grey.rgb.size(); ++i)
      if (strong.rgb[i] > 0 && strong.rgb[i] < 255)
        CHECK(std::abs((strong.rgb[i] - 127.5) - std::sqrt(10) * (weak.rgb[i] - 127.5)) <
              0.5 + std::sqrt(10) * 0.5);
  }
}

}  // namespace rc
