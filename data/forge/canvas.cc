#include "data/forge/canvas.h"

#include <algorithm>
#include <cmath>

#include "engine/error.h"

namespace rc {
namespace {

std::vector<float> gaussian(float sigma) {
  const int radius = int(std::ceil(3 * sigma));
  std::vector<float> weights;
  float sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    weights.push_back(std::exp(-0.5f * float(i * i) / (sigma * sigma)));
    sum += weights.back();
  }
  for (float& weight : weights) weight /= sum;
  return weights;
}

// Along each row. The row is padded, so that the inner loop runs over neighbours in memory.
void blur_rows(std::vector<float>& values, size_t row, size_t channels, const std::vector<float>& weights) {
  const size_t radius = weights.size() / 2, pad = radius * channels;
  std::vector<float> padded(row + 2 * pad);
  for (size_t begin = 0; begin < values.size(); begin += row) {
    float* line = values.data() + begin;
    std::copy_n(line, row, padded.data() + pad);
    for (size_t i = 0; i < pad; ++i) {
      padded[i] = line[i % channels];
      padded[pad + row + i] = line[row - channels + i % channels];
    }
    std::fill_n(line, row, 0.0f);
    for (size_t k = 0; k < weights.size(); ++k) {
      const float* from = padded.data() + k * channels;
      for (size_t i = 0; i < row; ++i) line[i] += weights[k] * from[i];
    }
  }
}

void blur_columns(std::vector<float>& values, size_t row, const std::vector<float>& weights) {
  const std::vector<float> in = values;
  const int rows = int(in.size() / row), radius = int(weights.size() / 2);
  for (int y = 0; y < rows; ++y) {
    float* to = values.data() + size_t(y) * row;
    std::fill_n(to, row, 0.0f);
    for (int k = -radius; k <= radius; ++k) {
      const float* from = in.data() + size_t(std::clamp(y + k, 0, rows - 1)) * row;
      const float weight = weights[size_t(k + radius)];
      for (size_t i = 0; i < row; ++i) to[i] += weight * from[i];
    }
  }
}

void blur(std::vector<float>& values, int size, size_t channels, float sigma) {
  if (sigma <= 0) return;
  const std::vector<float> weights = gaussian(sigma);
  const size_t row = size_t(size) * channels;
  blur_rows(values, row, channels, weights);
  blur_columns(values, row, weights);
}

Canvas reduce(const Canvas& in, int side, Kernel kernel) {
  Canvas out(side);
  const float scale = float(in.size) / float(side);
  const int samples = kernel == Kernel::linear ? std::max(1, int(std::ceil(scale))) : 1;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      float* to = out.at(y, x);
      for (int i = 0; i < samples * samples; ++i) {
        const float fx = (float(i % samples) + 0.5f) / float(samples),
                    fy = (float(i / samples) + 0.5f) / float(samples);
        const int from_x = std::min(int((float(x) + fx) * scale), in.size - 1);
        const int from_y = std::min(int((float(y) + fy) * scale), in.size - 1);
        for (int c = 0; c < 3; ++c) to[c] += in.at(from_y, from_x)[c] / float(samples * samples);
      }
    }
  return out;
}

}  // namespace

Canvas::Canvas(const Image& image) : Canvas(image.width) {
  check(image.height == image.width, "canvas: the image is not square");
  std::ranges::copy(image.rgb, rgb.begin());
}

void Canvas::sample(Point p, float* out) const {
  const float limit = float(size - 1);
  const float x = std::clamp(p.x, 0.0f, limit), y = std::clamp(p.y, 0.0f, limit);
  const int x0 = std::min(int(x), size - 2), y0 = std::min(int(y), size - 2);
  const float fx = x - float(x0), fy = y - float(y0);
  const float *top = at(y0, x0), *bottom = at(y0 + 1, x0);
  for (int c = 0; c < 3; ++c) {
    const float above = top[c] + fx * (top[c + 3] - top[c]),
                below = bottom[c] + fx * (bottom[c + 3] - bottom[c]);
    out[c] = above + fy * (below - above);
  }
}

Image to_image(const Canvas& canvas) {
  Image image(canvas.size, canvas.size);
  std::ranges::transform(canvas.rgb, image.rgb.begin(),
                         [](float v) { return uint8_t(std::clamp(v + 0.5f, 0.0f, 255.0f)); });
  return image;
}

void blur(Canvas& canvas, float sigma) { blur(canvas.rgb, canvas.size, 3, sigma); }
void blur(Mask& mask, float sigma) { blur(mask.alpha, mask.size, 1, sigma); }

Canvas through_resolution(const Canvas& in, int side, Kernel down, Kernel up) {
  const Canvas small = reduce(in, side, down);
  Canvas out(in.size);
  const float scale = float(side) / float(in.size);
  for (int y = 0; y < in.size; ++y)
    for (int x = 0; x < in.size; ++x) {
      Point p{(float(x) + 0.5f) * scale - 0.5f, (float(y) + 0.5f) * scale - 0.5f};
      if (up == Kernel::nearest) p = {std::round(p.x), std::round(p.y)};
      small.sample(p, out.at(y, x));
    }
  return out;
}

}  // namespace rc
