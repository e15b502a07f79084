#include "data/colour_noise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

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

uint8_t cut(float x) { return uint8_t(std::clamp(x, 0.0f, 255.0f)); }

}  // namespace

void add_colour_noise(Image& image, double variance, Rng rng) {
  const float luma = float(255.0 * 255 / 219 * std::sqrt(variance)),
              chroma = float(255.0 * 255 / 224 * std::sqrt(variance));
  Normal normal(rng);
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    uint8_t* p = &image.rgb[i];
    float y = 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
    float cr = 0.713f * (p[0] - y), cb = 0.564f * (p[2] - y);
    y += luma * normal.next(), cb += chroma * normal.next(), cr += chroma * normal.next();
    p[0] = cut(y + 1.403f * cr);
    p[1] = cut(y - 0.714f * cr - 0.344f * cb);
    p[2] = cut(y + 1.773f * cb);
  }
}

}  // namespace rc
