#include "data/perturbation.h"

#include <algorithm>

#include "data/blur.h"
#include "data/colour_noise.h"
#include "data/resize.h"
#include "engine/error.h"
#include "engine/nearest.h"

namespace rc {
namespace {

Image jpeg(const Image& image, double quality, Rng) {
  return decode_image(encode_jpeg(image, int(quality)), "perturbed image");
}

Image blur(const Image& image, double width, Rng) {
  Image out = image;
  gaussian_blur(out, int(width) / 2, width / 6);
  return out;
}

Image noise(const Image& image, double variance, Rng rng) {
  Image out = image;
  add_colour_noise(out, variance, rng);
  return out;
}

Image pixelate(const Image& image, double factor, Rng) {
  const int height = std::max(1, image.height / int(factor)), width = std::max(1, image.width / int(factor));
  const Image small = resize(image, height, width, Resampling::cv2_linear);
  return resize(small, image.height, image.width, Resampling::cv2_linear);
}

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const PerturbationKind& kind : perturbation_kinds()) out.emplace_back(kind.name);
  return out;
}

[[noreturn]] void refuse(const std::string& word) {
  std::string known;
  for (const std::string& name : names()) known += (known.empty() ? "" : ", ") + name;
  const std::string near = nearest(word.substr(0, word.find(':')), names());
  throw Error(Exit::usage, "unknown perturbation \"" + word + "\"", "--perturb",
              (near.empty() ? "" : "did you mean \"" + near + "\"? ") +
                  ("there are " + known + ", each with levels 1 to 5 as in blur:3"));
}

Perturbation level_of(const PerturbationKind& kind, const std::string& word, const std::string& level) {
  if (level.size() != 1 || level[0] < '1' || level[0] > '0' + kPerturbationLevels) refuse(word);
  return {&kind, level[0] - '0'};
}

}  // namespace

std::span<const PerturbationKind> perturbation_kinds() {
  // The levels are those of DeeperForensics-1.0 (blur is its GB, noise its GNC, resize its "JPEG", which
  // holds no JPEG and is called pixelation elsewhere), made for whole frames of video. To add a kind: one
  // row. Its place in the table numbers its random draws, so new rows go to the end.
  static const PerturbationKind kinds[] = {
      {"jpeg", "JPEG round trip; quality", {90, 70, 50, 30, 10}, jpeg},
      {"blur", "Gaussian blur, sigma one sixth of the kernel; its width in pixels", {7, 9, 13, 17, 21}, blur},
      {"noise", "Gaussian noise in YCbCr; variance", {0.001, 0.002, 0.005, 0.01, 0.05}, noise},
      {"resize", "bilinear down and up again; factor", {2, 3, 4, 5, 6}, pixelate},
  };
  return kinds;
}

std::vector<Perturbation> parse_perturbations(std::string_view text) {
  const auto kinds = perturbation_kinds();
  std::vector<Perturbation> out;
  for (size_t at = 0, end; at <= text.size(); at = end + 1) {
    end = std::min(text.find(',', at), text.size());
    const std::string word(text.substr(at, end - at));
    const size_t colon = word.find(':');
    const auto kind = std::ranges::find(kinds, word.substr(0, colon), &PerturbationKind::name);
    if (kind == kinds.end()) refuse(word);
    if (colon != word.npos)
      out.push_back(level_of(*kind, word, word.substr(colon + 1)));
    else
      for (int level = 1; level <= kPerturbationLevels; ++level) out.push_back({&*kind, level});
  }
  std::ranges::sort(out, {}, [](const Perturbation& p) { return std::pair(p.kind, p.level); });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Image perturb(const Image& image, const Perturbation& perturbation, uint64_t seed, uint32_t number) {
  const auto kind = uint32_t(perturbation.kind - perturbation_kinds().data());
  return perturbation.kind->apply(image, perturbation.parameter(),
                                  Rng(seed, Purpose::perturbation, kind, number));
}

}  // namespace rc
