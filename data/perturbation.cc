#include "data/perturbation.h"

#include <algorithm>
#include <iterator>

#include "data/blocks.h"
#include "data/blur.h"
#include "data/colour_loss.h"
#include "data/colour_noise.h"
#include "data/reencode.h"
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

Image saturation(const Image& image, double factor, Rng) {
  Image out = image;
  desaturate(out, factor);
  return out;
}

Image contrast(const Image& image, double factor, Rng) {
  Image out = image;
  darken(out, factor);
  return out;
}

Image block(const Image& image, double per_256, Rng rng) {
  Image out = image;
  cover_with_blocks(out, int(per_256), rng);
  return out;
}

// A good filter on the way down, which pixelate has not.
Image rescale(const Image& image, double scale, Rng) {
  const int height = std::max(1, int(image.height * scale)), width = std::max(1, int(image.width * scale));
  return resize(resize(image, height, width), image.height, image.width, Resampling::cv2_linear);
}

std::vector<Image> video_codec(std::span<const Image> clip, double crf) { return reencode(clip, int(crf)); }

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const PerturbationKind& kind : perturbation_kinds()) out.emplace_back(kind.name);
  for (const PerturbationGroup& group : perturbation_groups()) out.emplace_back(group.name);
  return out;
}

[[noreturn]] void refuse(const std::string& word) {
  std::string known;
  for (const std::string& name : names()) known += (known.empty() ? "" : ", ") + name;
  const std::string near = nearest(word.substr(0, word.find(':')), names());
  throw Error(Exit::usage, "unknown perturbation \"" + word + "\"", "--perturb",
              (near.empty() ? "" : "did you mean \"" + near + "\"? ") +
                  ("there are " + known + "; a kind's level as in blur:3"));
}

Perturbation level_of(const PerturbationKind& kind, const std::string& word, const std::string& level) {
  if (level.size() != 1 || level[0] < '1' || level[0] > '0' + kind.levels()) refuse(word);
  return {&kind, level[0] - '0'};
}

}  // namespace

std::span<const PerturbationKind> perturbation_kinds() {
  // Those with a code are DeeperForensics-1.0's, made for whole frames of video; its "JPEG" holds no JPEG and
  // is called pixelation elsewhere. To add a kind: one row. Its place in the table numbers its random draws,
  // so new rows go to the end.
  static const PerturbationKind kinds[] = {
      {"jpeg", "JPEG round trip; quality", {90, 70, 50, 30, 10}, jpeg},
      {"blur", "GB, Gaussian blur, sigma a sixth of the kernel; its width", {7, 9, 13, 17, 21}, blur},
      {"noise", "GNC, Gaussian noise in YCbCr; variance", {0.001, 0.002, 0.005, 0.01, 0.05}, noise},
      {"resize", "\"JPEG\", pixelation, bilinear down and up; factor", {2, 3, 4, 5, 6}, pixelate},
      {"saturation", "CS, loss of colour; what remains of chroma", {0.4, 0.3, 0.2, 0.1, 0}, saturation},
      {"contrast", "CC, darkening; what remains of each value", {0.85, 0.725, 0.6, 0.475, 0.35}, contrast},
      {"block",
       "BW, grey 8 x 8 blocks; how many for each whole 256 pixels of the smaller side",
       {16, 32, 48, 64, 80},
       block},
      {"rescale", "down with a good filter, up bilinear; scale", {0.75, 0.5, 0.375, 0.25, 0.125}, rescale},
      {"compression",
       "VC, H.264 over the frames of a video as one clip; CRF",
       {30, 32, 35, 38, 40},
       nullptr,
       video_codec},
      {"reencode", "the same, as sites do it once more; CRF", {28, 34, 40}, nullptr, video_codec},
  };
  return kinds;
}

std::span<const PerturbationGroup> perturbation_groups() {
  static const PerturbationGroup groups[] = {
      {"deeperforensics", "the distortions of DeeperForensics-1.0",
       "saturation,contrast,block,noise,blur,resize,compression"},
      {"internet", "what services do to pictures", "jpeg:1,jpeg:2,jpeg:3,jpeg:4,rescale,reencode"},
  };
  return groups;
}

std::vector<Perturbation> parse_perturbations(std::string_view text) {
  const auto kinds = perturbation_kinds();
  const auto groups = perturbation_groups();
  std::vector<Perturbation> out;
  for (size_t at = 0, end; at <= text.size(); at = end + 1) {
    end = std::min(text.find(',', at), text.size());
    const std::string word(text.substr(at, end - at));
    if (const auto group = std::ranges::find(groups, word, &PerturbationGroup::name); group != groups.end()) {
      std::ranges::copy(parse_perturbations(group->members), std::back_inserter(out));
      continue;
    }
    const size_t colon = word.find(':');
    const auto kind = std::ranges::find(kinds, word.substr(0, colon), &PerturbationKind::name);
    if (kind == kinds.end()) refuse(word);
    if (colon != word.npos)
      out.push_back(level_of(*kind, word, word.substr(colon + 1)));
    else
      for (int level = 1; level <= kind->levels(); ++level) out.push_back({&*kind, level});
  }
  std::ranges::sort(out, {}, [](const Perturbation& p) { return std::pair(p.kind, p.level); });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Image perturb(const Image& image, const Perturbation& perturbation, uint64_t seed, uint32_t number) {
  check(perturbation.kind->apply != nullptr, "this interference takes clips", perturbation.text());
  const auto kind = uint32_t(perturbation.kind - perturbation_kinds().data());
  return perturbation.kind->apply(image, perturbation.parameter(),
                                  Rng(seed, Purpose::perturbation, kind, number));
}

std::vector<Image> perturb_clip(std::span<const Image> frames, const Perturbation& perturbation) {
  check(perturbation.kind->apply_to_clip != nullptr, "this interference takes images", perturbation.text());
  std::vector<Image> out;
  for (size_t from = 0, end; from < frames.size(); from = end) {
    const auto same_size = [&](const Image& image) {
      return image.height == frames[from].height && image.width == frames[from].width;
    };
    for (end = from + 1; end < frames.size() && same_size(frames[end]);) ++end;
    std::ranges::move(
        perturbation.kind->apply_to_clip(frames.subspan(from, end - from), perturbation.parameter()),
        std::back_inserter(out));
  }
  return out;
}

}  // namespace rc
