// OpenCV's cv2.resize of 8-bit images: rows into integers of 11 more bits, then columns. Its vectorised
// builds for x86 round the columns of INTER_CUBIC in single precision, eight values at a time, and what is
// left of a row in integers; both are kept here, or one pixel in some thousands would differ.
#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "data/resize_passes.h"

namespace rc {
namespace {

constexpr int kBits = 11;
constexpr float kOne = 1 << kBits;

// Output position o is made of the N input positions from `first` on, those outside standing for the border.
template <size_t N>
struct Place {
  int first = 0;
  std::array<int32_t, N> weight{};  // in 1 / kOne
};

int32_t fixed_point(float weight) { return int32_t(std::nearbyint(weight * kOne)); }

// (input position, distance to the next one's left) of an output position, single precision as there.
std::pair<int, float> position(int in, int out, int o) {
  const double scale = 1.0 / (double(out) / in);
  const float at = float((o + 0.5) * scale - 0.5);
  const int before = int(std::floor(at));
  return {before, at - float(before)};
}

std::vector<Place<2>> linear_places(int in, int out, bool columns) {
  std::vector<Place<2>> places;
  for (int o = 0; o < out; ++o) {
    auto [first, share] = position(in, out, o);
    if (columns && first < 0) first = 0, share = 0;
    if (columns && first >= in - 1) first = in - 1, share = 0;
    places.push_back({first, {fixed_point(1 - share), fixed_point(share)}});
  }
  return places;
}

// Keys' cubic convolution with a = -0.75; the last weight makes up for the sum of the others.
std::vector<Place<4>> cubic_places(int in, int out) {
  constexpr float a = -0.75f;
  std::vector<Place<4>> places;
  for (int o = 0; o < out; ++o) {
    const auto [before, x] = position(in, out, o);
    const float far = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a,
                near = ((a + 2) * x - (a + 3)) * x * x + 1,
                next = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
    places.push_back(
        {before - 1,
         {fixed_point(far), fixed_point(near), fixed_point(next), fixed_point(1.0f - far - near - next)}});
  }
  return places;
}

// The three channels of a pixel in three of four lanes. Reads one byte more.
__m128i lanes_of(const uint8_t* pixel) {
  int32_t bytes;
  std::memcpy(&bytes, pixel, sizeof bytes);
  return _mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes));
}

// `row` and `to` have one value more than their pixels.
template <size_t N>
void resize_row(const uint8_t* row, int width, const std::vector<Place<N>>& columns, int32_t* to) {
  for (const Place<N>& place : columns) {
    __m128i sum = _mm_setzero_si128();
    for (size_t i = 0; i < N; ++i) {
      const size_t at = size_t(std::clamp(place.first + int(i), 0, width - 1)) * 3;
      sum = _mm_add_epi32(sum, _mm_mullo_epi32(lanes_of(row + at), _mm_set1_epi32(place.weight[i])));
    }
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), sum);
    to += 3;
  }
}

// Calls column(the N rows of integers, their weights, the output row) for each output row. Rows come in
// order, so the N last ones are kept, each under its number modulo N.
template <size_t N, class Column>
Image resize_rows(const Image& in, const std::vector<Place<N>>& rows, const std::vector<Place<N>>& columns,
                  const Column& column) {
  Image out(int(rows.size()), int(columns.size()));
  const size_t row_size = columns.size() * 3 + 1;
  std::vector<int32_t> kept(N * row_size);
  std::vector<uint8_t> wider(size_t(in.width) * 3 + 1);
  std::array<int, N> number;
  number.fill(-1);
  for (int y = 0; y < out.height; ++y) {
    std::array<const int32_t*, N> from;
    for (size_t i = 0; i < N; ++i) {
      const int row = std::clamp(rows[size_t(y)].first + int(i), 0, in.height - 1);
      const size_t place = size_t(row) % N;
      int32_t* values = kept.data() + place * row_size;
      if (number[place] != row) {
        std::copy_n(in.at(row, 0), wider.size() - 1, wider.begin());
        resize_row(wider.data(), in.width, columns, values);
        number[place] = row;
      }
      from[i] = values;
    }
    column(from, rows[size_t(y)].weight, out.at(y, 0));
  }
  return out;
}

Image halve(const Image& in) {
  Image out(in.height / 2, in.width / 2);
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x)
      for (int c = 0; c < 3; ++c)
        out.at(y, x)[c] = uint8_t((in.at(2 * y, 2 * x)[c] + in.at(2 * y, 2 * x + 1)[c] +
                                   in.at(2 * y + 1, 2 * x)[c] + in.at(2 * y + 1, 2 * x + 1)[c] + 2) >>
                                  2);
  return out;
}

}  // namespace

Image resize_cv2_linear(const Image& image, int height, int width) {
  if (image.height == 2 * height && image.width == 2 * width) return halve(image);
  const size_t n = size_t(width) * 3;
  return resize_rows(
      image, linear_places(image.height, height, false), linear_places(image.width, width, true),
      [n](const auto& from, const auto& weight, uint8_t* to) {
        for (size_t j = 0; j < n; ++j)
          to[j] = uint8_t(
              (((from[0][j] >> 4) * weight[0] >> 16) + ((from[1][j] >> 4) * weight[1] >> 16) + 2) >> 2);
      });
}

Image resize_cv2_cubic(const Image& image, int height, int width) {
  const size_t n = size_t(width) * 3, vectorised = n / 8 * 8;
  return resize_rows(image, cubic_places(image.height, height), cubic_places(image.width, width),
                     [=](const auto& from, const auto& weight, uint8_t* to) {
                       float share[4];
                       for (size_t i = 0; i < 4; ++i) share[i] = float(weight[i]) * (1 / (kOne * kOne));
                       for (size_t j = 0; j < vectorised; ++j) {
                         float sum = float(from[3][j]) * share[3];
                         for (size_t i = 3; i-- > 0;) sum += float(from[i][j]) * share[i];
                         to[j] = uint8_t(std::clamp(std::nearbyint(sum), 0.0f, 255.0f));
                       }
                       for (size_t j = vectorised; j < n; ++j) {
                         int32_t sum = 1 << (2 * kBits - 1);
                         for (size_t i = 0; i < 4; ++i) sum += from[i][j] * weight[i];
                         to[j] = uint8_t(std::clamp(sum >> (2 * kBits), 0, 255));
                       }
                     });
}

}  // namespace rc
