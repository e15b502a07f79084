#include "data/perturbation.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "data/blur.h"
#include "data/resize.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

constexpr Resampling kLinear = Resampling::cv2_linear;

Perturbation of(const std::string& text) { return parse_perturbations(text).at(0); }

// Every pixel a triple loop in double, mirrored at the border as cv2.BORDER_REFLECT_101 describes itself:
// gfedcb|abcdefgh|gfedcba.
double blurred(const Image& image, int y, int x, int channel, int width) {
  const double sigma = width / 6.0;
  const auto mirrored = [](int i, int n) {
    while (i < 0 || i >= n) i = i < 0 ? -i : 2 * (n - 1) - i;
    return i;
  };
  double sum = 0, weights = 0;
  for (int dy = -width / 2; dy <= width / 2; ++dy)
    for (int dx = -width / 2; dx <= width / 2; ++dx) {
      const double w = std::exp(-(dy * dy + dx * dx) / (2 * sigma * sigma));
      sum += w * image.at(mirrored(y + dy, image.height), mirrored(x + dx, image.width))[channel];
      weights += w;
    }
  return sum / weights;
}

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
  }

  TEST_CASE("perturbations: what is none is refused with those that there are") {
    for (const char* word :
         {"", "jpg", "jpeg:0", "jpeg:6", "jpeg:12", "jpeg:", "jpeg:x", "blur,", "blur:3:1"}) {
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

  TEST_CASE("perturbations: blur against a loop over pixels and weights") {
    // A weight of 12 bits is off by at most 2^-13 and the middle one makes up for the 2 r others; the weights
    // sum to 1, so a grey level counts by its distance from 127.5. Twice, for two directions, and one
    // rounding.
    const Image image = noise(37, 29, 4);  // the kernel of 21 is mirrored on both sides at once
    for (const Perturbation& p : parse_perturbations("blur")) {
      const int width = int(p.parameter()), radius = width / 2;
      const double tolerance = 0.5 + 2 * 127.5 * 4 * radius * 0x1p-13;
      const Image out = perturb(image, p, 1, 2);
      double worst = 0;
      for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x)
          for (int c = 0; c < 3; ++c)
            worst = std::max(worst, std::abs(out.at(y, x)[c] - blurred(image, y, x, c, width)));
      CHECK(worst <= tolerance);
    }
  }

  TEST_CASE("perturbations: blur of a point is the kernel of OpenCV, blur of one grey is that grey") {
    // 255 * outer(k, k) for k = exp(-i^2 / (2 sigma^2)), sigma = 7/6, normalised; by numpy: the middle row.
    const double row[] = {1.0974, 6.8873, 20.7328, 29.9361, 20.7328, 6.8873, 1.0974};
    Image point(21, 21);
    point.at(10, 10)[1] = 255;
    const Image out = perturb(point, of("blur:1"), 1, 2);
    // As above; the largest weight is 0.343 and each of two factors off by 6 * 2^-13 at most.
    for (int i = -3; i <= 3; ++i)
      CHECK(std::abs(out.at(10, 10 + i)[1] - row[i + 3]) <= 0.5 + 2 * 255 * 0.343 * 6 * 0x1p-13);
    CHECK(out.at(10, 6)[1] == 0);
    CHECK(out.at(10, 10)[0] == 0);
    Image grey(9, 9);
    std::ranges::fill(grey.rgb, uint8_t(201));
    for (const Perturbation& p : parse_perturbations("blur")) CHECK(perturb(grey, p, 1, 2) == grey);
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
    for (const Perturbation& p : parse_perturbations("jpeg,blur,noise,resize")) {
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
