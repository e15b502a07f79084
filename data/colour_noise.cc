#include "data/colour_noise.h"

#include <cmath>
#include <numbers>

#include "data/luma_chroma.h"

namespace rc {
namespace {

// Standard normal draws (Box-Muller), both of each pair.
class Normal {
 public:
  explicit Normal(Rng rng) : rng_(rng) {}
  float next() {
    if ((have_ = !have_)) {
      const float radius = std::sqrt(-2 * std::log(rng_.uniform_open0())),
                  angle = 2 * std::numbers::pi_v<float> * rng_.uniform();
      other_ = radius * std::sin(angle);
      return radius * std::cos(angle);
    }
    return other_;
  }

 private:
  Rng rng_;
  bool have_ = false;
  float other_ = 0;
};

}  // namespace

void add_colour_noise(Image& image, double variance, Rng rng) {
  const float luma = float(255.0 * 255 / 219 * std::sqrt(variance)),
              chroma = float(255.0 * 255 / 224 * std::sqrt(variance));
  Normal normal(rng);
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    LumaChroma colour = luma_chroma(&image.rgb[i]);
    colour.y += luma * normal.next(), colour.cb += chroma * normal.next(),
        colour.cr += chroma * normal.next();
    cut_to_rgb(colour, &image.rgb[i]);
  }
}

}  // namespace rc
