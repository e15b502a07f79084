#include "data/resize.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/error.h"

namespace rc {
namespace {

constexpr int kBits = 22;  // of fraction in a weight: 255 * 2^22 with head room in 32 bits, as PIL

// How one output position is made of input positions first .. first + weights - 1.
struct Taps {
  int longest = 0;  // weights kept per output
  std::vector<int> first, count;
  std::vector<int32_t> weight;  // [out, longest], fixed point, each row sums to about 1
};

// Triangle of half-width max(1, in / out) input pixels around the output pixel's centre, cut at the border
// and normalised.
Taps triangle(int in, int out) {
  const double scale = double(in) / out, support = std::max(scale, 1.0);
  Taps taps;
  taps.longest = 2 * int(support + 1) + 1;
  taps.first.resize(size_t(out)), taps.count.resize(size_t(out));
  taps.weight.resize(size_t(out) * size_t(taps.longest));
  std::vector<double> row(size_t(taps.longest));
  for (int o = 0; o < out; ++o) {
    const double centre = (o + 0.5) * scale;
    const int begin = std::max(0, int(centre - support + 0.5)),
              end = std::min(in, int(centre + support + 0.5));
    double sum = 0;
    for (int i = begin; i < end; ++i) {
      const double distance = (i + 0.5 - centre) / support;
      sum += row[size_t(i - begin)] = std::max(0.0, 1.0 - (distance < 0 ? -distance : distance));
    }
    taps.first[size_t(o)] = begin, taps.count[size_t(o)] = end - begin;
    for (int i = 0; i < end - begin; ++i)
      taps.weight[size_t(o) * size_t(taps.longest) + size_t(i)] =
          int32_t(row[size_t(i)] / sum * (1 << kBits) + 0.5);
  }
  return taps;
}

// How one output position lies between two input positions, for resize_bilinear.
struct Between {
  int before = 0, after = 0;
  int32_t weight = 0;  // of `after`, in 1 / kOne
};
constexpr int kBilinearBits = 11;
constexpr int32_t kOne = 1 << kBilinearBits;

std::vector<Between> between(int in, int out) {
  std::vector<Between> places(static_cast<size_t>(out));
  const double scale = double(in) / out;
  for (int o = 0; o < out; ++o) {
    const double at = std::clamp((o + 0.5) * scale - 0.5, 0.0, double(in - 1));
    const int before = int(at);
    places[size_t(o)] = {before, std::min(before + 1, in - 1), int32_t((at - before) * kOne + 0.5)};
  }
  return places;
}

uint8_t to_byte(int32_t sum) { return uint8_t(std::clamp(sum >> kBits, 0, 255)); }

Image resize_width(const Image& in, int width) {
  const Taps taps = triangle(in.width, width);
  Image out(in.height, width);
  for (int y = 0; y < in.height; ++y)
    for (int x = 0; x < width; ++x) {
      const uint8_t* from = in.at(y, taps.first[size_t(x)]);
      const int32_t* weight = taps.weight.data() + size_t(x) * size_t(taps.longest);
      int32_t r = 1 << (kBits - 1), g = r, b = r;
      for (int i = 0; i < taps.count[size_t(x)]; ++i, from += 3)
        r += from[0] * weight[i], g += from[1] * weight[i], b += from[2] * weight[i];
      uint8_t* to = out.at(y, x);
      to[0] = to_byte(r), to[1] = to_byte(g), to[2] = to_byte(b);
    }
  return out;
}

Image resize_height(const Image& in, int height) {
  const Taps taps = triangle(in.height, height);
  Image out(height, in.width);
  const size_t row = size_t(in.width) * 3;
  std::vector<int32_t> sum(row);
  for (int y = 0; y < height; ++y) {
    std::ranges::fill(sum, 1 << (kBits - 1));
    for (int i = 0; i < taps.count[size_t(y)]; ++i) {
      const int32_t weight = taps.weight[size_t(y) * size_t(taps.longest) + size_t(i)];
      const uint8_t* from = in.at(taps.first[size_t(y)] + i, 0);
#pragma omp simd
      for (size_t j = 0; j < row; ++j) sum[j] += from[j] * weight;
    }
    std::ranges::transform(sum, out.at(y, 0), to_byte);
  }
  return out;
}

}  // namespace

Image resize(const Image& image, int height, int width) {
  check(image.height > 0 && image.width > 0 && height > 0 && width > 0, "resize of or to an empty image");
  if (image.width == width && image.height == height) return image;
  if (image.width == width) return resize_height(image, height);
  if (image.height == height) return resize_width(image, width);
  return resize_height(resize_width(image, width), height);
}

Image resize_bilinear(const Image& image, int height, int width) {
  check(image.height > 0 && image.width > 0 && height > 0 && width > 0, "resize of or to an empty image");
  const std::vector<Between> rows = between(image.height, height), columns = between(image.width, width);
  Image out(height, width);
  for (int y = 0; y < height; ++y) {
    const Between& row = rows[size_t(y)];
    for (int x = 0; x < width; ++x) {
      const Between& column = columns[size_t(x)];
      const uint8_t *a = image.at(row.before, column.before), *b = image.at(row.before, column.after),
                    *c = image.at(row.after, column.before), *d = image.at(row.after, column.after);
      uint8_t* to = out.at(y, x);
      for (int i = 0; i < 3; ++i) {
        const int32_t above = a[i] * (kOne - column.weight) + b[i] * column.weight,
                      below = c[i] * (kOne - column.weight) + d[i] * column.weight;
        const int32_t sum = above * (kOne - row.weight) + below * row.weight;
        to[i] = uint8_t((sum + kOne * kOne / 2) >> (2 * kBilinearBits));
      }
    }
  }
  return out;
}

}  // namespace rc
