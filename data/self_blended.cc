#include "data/self_blended.h"

#include <algorithm>
#include <cmath>

#include "data/colour_shift.h"
#include "data/forge/blend.h"
#include "data/forge/warp.h"
#include "data/npy.h"
#include "engine/error.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

int from_to(Rng& rng, int low, int high) { return low + int(rng.below(uint32_t(high - low + 1))); }

void change_colours(Image& image, Rng& rng) {
  if (rng.coin(0.3f)) {
    const float r = rng.uniform(-20, 20), g = rng.uniform(-20, 20), b = rng.uniform(-20, 20);
    shift_channels(image, {r, g, b});
  }
  if (rng.coin(0.3f)) {  // levels of 180 and 255: the recipe's own numbers, which rounding mostly takes back
    const float h = rng.uniform(-0.3f, 0.3f) / 30, s = rng.uniform(-0.3f, 0.3f), v = rng.uniform(-0.3f, 0.3f);
    shift_hsv(image, h, s, v);
  }
  if (rng.coin(0.3f)) {
    const float brightness = rng.uniform(-0.1f, 0.1f), contrast = rng.uniform(-0.1f, 0.1f);
    brightness_contrast(image, brightness, contrast);
  }
}

// Through half or a quarter of its resolution, or sharpened: a share of the image replaced by itself filtered
// with a kernel of -1 around 8 + lightness.
void change_sharpness(Canvas& canvas, Rng& rng) {
  const int size = canvas.size;
  if (rng.coin(0.5f)) {
    canvas = through_resolution(canvas, std::max(1, size / (rng.coin(0.5f) ? 2 : 4)), Kernel::nearest,
                                Kernel::linear);
    return;
  }
  const float share = rng.uniform(0.2f, 0.5f), lightness = rng.uniform(0.5f, 1);
  const Canvas in = canvas;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x)
      for (int c = 0; c < 3; ++c) {
        float around = 0;
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx)
            around += in.at(std::clamp(y + dy, 0, size - 1), std::clamp(x + dx, 0, size - 1))[c];
        const float own = in.at(y, x)[c], filtered = own * (9 + lightness) - around;
        canvas.at(y, x)[c] = std::clamp(own + share * (filtered - own), 0.0f, 255.0f);
      }
}

// Gaussian of 2 * radius + 1 weights, nothing beyond the border, its largest value made 1.
void soften(Mask& mask, int radius, float sigma) {
  std::vector<float> weight;
  for (int i = -radius; i <= radius; ++i) weight.push_back(std::exp(-0.5f * float(i * i) / (sigma * sigma)));
  const int size = mask.size;
  Mask across(size), both(size);
  for (int y = 0; y < size; ++y)
    for (int i = -radius; i <= radius; ++i)
      for (int x = std::max(0, -i); x < std::min(size, size - i); ++x)
        across.at(y, x) += weight[size_t(i + radius)] * mask.at(y, x + i);
  for (int i = -radius; i <= radius; ++i)
    for (int y = std::max(0, -i); y < std::min(size, size - i); ++y)
      for (int x = 0; x < size; ++x) both.at(y, x) += weight[size_t(i + radius)] * across.at(y + i, x);
  const float most = *std::ranges::max_element(both.alpha);
  if (most > 0)
    for (float& alpha : both.alpha) alpha /= most;
  mask = std::move(both);
}

// The recipe softens at a side of 192 to 256 pixels, with kernels of 5, 7, ... 25: here they are as much
// wider as the image is. First inwards, to what is wholly covered, then out again.
void make_seam(Mask& mask, Rng& rng) {
  const float scale = float(mask.size) / float(from_to(rng, 192, 256));
  const auto radius = [&](int kernel) { return std::max(1, int(float(kernel / 2) * scale + 0.5f)); };
  const int first = 2 * from_to(rng, 2, 12) + 1, second = 2 * from_to(rng, 2, 12) + 1;
  const float first_sigma = 0.3f * (float(first - 1) * 0.5f - 1) + 0.8f,
              second_sigma = float(from_to(rng, 5, 45));
  soften(mask, radius(first), first_sigma * scale);
  for (float& alpha : mask.alpha) alpha = alpha > 0.9999f ? 1.0f : 0.0f;
  soften(mask, radius(second), second_sigma * scale);
  static constexpr float kRatio[] = {0.25f, 0.5f, 0.75f, 1, 1, 1};
  const float ratio = kRatio[rng.below(6)];
  for (float& alpha : mask.alpha) alpha *= ratio;
}

}  // namespace

std::vector<Point> landmarks_beside(const Index& index, int video, int frame) {
  fs::path path, given = index.videos.at(size_t(video)).frames.at(size_t(frame));
  for (const fs::path& part : given) path /= part == "frames" ? fs::path("landmarks") : part;
  path = (index.root / path).replace_extension(".npy");
  const auto refuse = [&](const std::string& what) {
    throw Error(Exit::data, what, path.string(), "data prepare makes crops of faces with their landmarks");
  };
  if (!fs::exists(path)) refuse("self-blending needs the landmarks of " + given.string());
  const NpyArray array = read_npy(path);
  if (array.shape != std::vector<int64_t>{68, 2} && array.shape != std::vector<int64_t>{81, 2})
    refuse("landmarks must be an array of shape (68, 2) or (81, 2)");
  std::vector<Point> points;
  for (size_t i = 0; i < array.values.size(); i += 2) {
    points.push_back({float(array.values[i]), float(array.values[i + 1])});
    if (!std::isfinite(points.back().x) || !std::isfinite(points.back().y))
      refuse("a landmark is not finite");
  }
  return points;
}

Image self_blended(const Image& image, std::span<const Point> landmarks, Rng rng) {
  if (image.height != image.width)
    throw Error(Exit::data, "self-blending needs square crops",
                std::to_string(image.width) + " x " + std::to_string(image.height),
                "data prepare makes crops of faces with their landmarks");
  const int size = image.width;
  if (rng.coin(0.25f)) landmarks = landmarks.first(std::min<size_t>(landmarks.size(), 68));
  Mask mask = hull_mask(size, landmarks);

  const bool copy_changes = rng.coin(0.5f);
  Image changed = image;
  change_colours(changed, rng);
  Canvas sharpened(changed);
  change_sharpness(sharpened, rng);
  Canvas copy = copy_changes ? sharpened : Canvas(image);
  const Canvas under = copy_changes ? Canvas(image) : std::move(sharpened);

  const float dx = rng.uniform(-0.03f, 0.03f), dy = rng.uniform(-0.015f, 0.015f),
              scale = rng.uniform(0.95f, 1 / 0.95f);
  const Point middle{float(size - 1) / 2, float(size - 1) / 2};
  const Field moved(size,
                    Affine::about(middle, 0, double(scale), {dx * float(size), dy * float(size)}).inverse());
  copy = warp(copy, moved);
  // The recipe's noise of strength 50 smoothed with sigma 7 shifts by 1.2 pixels of 224 in the mean square,
  // as this one does.
  mask = warp(warp(mask, moved), elastic(size, 3 * float(size) / 224, rng));
  make_seam(mask, rng);
  return to_image(composite(under, copy, mask, 1));
}

}  // namespace rc
