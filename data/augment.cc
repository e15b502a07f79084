#include "data/augment.h"

#include <algorithm>
#include <cmath>

#include "data/blur.h"
#include "data/colour_shift.h"
#include "data/region.h"
#include "engine/error.h"
#include "engine/rng.h"

namespace rc {
namespace {

constexpr RegionRange kErased{0.02, 0.2, 0.5, 2}, kCropped{1 / 1.3, 1, 0.9, 1.1};  // CORE's
constexpr float kAlongColours = 0.1f;

// Sides and place are fractions, so that images of other sizes are cut alike.
Region fraction(const Image& image, float side, float down, float right) {
  const int height = std::max(1, int(float(image.height) * side + 0.5f)),
            width = std::max(1, int(float(image.width) * side + 0.5f));
  return {int(float(image.height - height + 1) * down), int(float(image.width - width + 1) * right), height,
          width};
}

// Box and Muller's.
float normal(Rng& rng) {
  const float radius = std::sqrt(-2 * std::log(rng.uniform_open0()));
  return radius * std::cos(6.2831853f * rng.uniform());
}

void change_colour(Image& image, Rng& rng) {
  const uint32_t way = rng.below(3);
  if (way == 2) {
    const float a = normal(rng), b = normal(rng), c = normal(rng);
    return shift_along_colours(image, {kAlongColours * a, kAlongColours * b, kAlongColours * c});
  }
  const float a = rng.uniform(-1, 1), b = rng.uniform(-1, 1), c = rng.uniform(-1, 1);
  if (way == 0)
    brightness_contrast(image, 0.1f * a, 0.1f * b);
  else
    shift_hsv(image, a * 40 / 60, b * 30, c * 20);
}

void change_tones(Image& image, float probability, Rng& rng) {
  if (rng.coin(probability)) {
    const float r = rng.uniform(-20, 20), g = rng.uniform(-20, 20), b = rng.uniform(-20, 20);
    shift_channels(image, {r, g, b});
  }
  if (rng.coin(probability)) {
    const float hue = rng.uniform(-0.3f, 0.3f), saturation = rng.uniform(-0.3f, 0.3f),
                value = rng.uniform(-0.3f, 0.3f);
    shift_hsv(image, hue / 30, saturation, value);  // OpenCV's hue has 180 levels
  }
  if (rng.coin(probability)) {
    const float brightness = rng.uniform(-0.3f, 0.3f), contrast = rng.uniform(-0.3f, 0.3f);
    brightness_contrast(image, brightness, contrast);
  }
}

// The part of the image that is seen, at the network's size.
Image seen(const Image& image, const Augmentation& how, const NetworkInput& input, Rng& geometry) {
  const float side = 1 - how.crop * geometry.uniform(), down = geometry.uniform(), right = geometry.uniform();
  const uint32_t way = how.erase_or_crop ? geometry.below(3) : 0;
  if (way == 2) return input.of(crop(image, draw_crop(image.height, image.width, kCropped, geometry)));
  Image out = input.of(side < 1 ? crop(image, fraction(image, side, down, right)) : image);
  if (way == 1)
    if (const auto region = draw_erased(out.height, out.width, kErased, geometry)) erase(out, *region);
  return out;
}

}  // namespace

const std::vector<std::string>& augmentation_presets() {
  static const std::vector<std::string> names = {"light", "dfb", "sbi", "core-raaug", "none"};
  return names;
}

std::vector<Augmentation> preset_views(const std::string& name, int views) {
  check(std::ranges::find(augmentation_presets(), name) != augmentation_presets().end(), "no such preset",
        name);
  const Augmentation all = name == "light"        ? Augmentation::light()
                           : name == "dfb"        ? Augmentation::dfb()
                           : name == "sbi"        ? Augmentation::sbi()
                           : name == "core-raaug" ? Augmentation::core_raaug()
                                                  : Augmentation::none();
  std::vector<Augmentation> out(size_t(views), all);
  if (name == "dfb" && views > 1) out.front() = Augmentation::light();
  return out;
}

Augmented augment(const Image& image, const Augmentation& how, const NetworkInput& input, uint64_t seed,
                  uint32_t epoch, uint32_t geometry_key, uint32_t photometry_key) {
  Rng geometry(seed, Purpose::augment, 2 * epoch, geometry_key),
      photometry(seed, Purpose::augment, 2 * epoch + 1, photometry_key);
  Augmented out;
  out.flip = geometry.coin(how.flip);
  out.image = seen(image, how, input, geometry);

  if (photometry.coin(how.blur)) {
    const int radius = 1 + int(photometry.below(3));
    gaussian_blur(out.image, radius, 0.3 * (radius - 1) + 0.8);  // cv2.getGaussianKernel for sigma <= 0
  }
  if (photometry.coin(how.colour)) change_colour(out.image, photometry);
  if (how.tones > 0) change_tones(out.image, how.tones, photometry);
  if (photometry.coin(how.jpeg)) {
    const int quality = how.jpeg_quality_min +
                        int(photometry.below(uint32_t(how.jpeg_quality_max - how.jpeg_quality_min + 1)));
    out.image = decode_image(encode_jpeg(out.image, quality), "augmented image");
  }
  return out;
}

}  // namespace rc
