// Interference that a face meets on its way through the internet: levels of each kind, on the stored image
// before it is resized for a network.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/image.h"
#include "engine/rng.h"

namespace rc {

inline constexpr int kMostPerturbationLevels = 5;

// A kind is a row of the table in perturbation.cc.
struct PerturbationKind {
  const char* name;
  const char* describes;          // what it does, and what its values are
  std::vector<double> parameter;  // of levels 1, 2, ..., weak to strong
  // One of the two: an image by itself, or the frames of a video together.
  Image (*apply)(const Image&, double parameter, Rng) = nullptr;
  std::vector<Image> (*apply_to_clip)(std::span<const Image>, double parameter) = nullptr;

  int levels() const { return int(parameter.size()); }
};
std::span<const PerturbationKind> perturbation_kinds();

struct Perturbation {
  const PerturbationKind* kind = nullptr;
  int level = 0;  // 1..kind->levels()

  double parameter() const { return kind->parameter[size_t(level - 1)]; }
  std::string text() const { return std::string(kind->name) + ":" + std::to_string(level); }
  bool operator==(const Perturbation&) const = default;
};

// Kinds and levels that are asked for, and averaged, together.
struct PerturbationGroup {
  const char* name;
  const char* describes;
  const char* members;  // as parse_perturbations takes them
};
std::span<const PerturbationGroup> perturbation_groups();

// "jpeg,blur:3,internet": all levels of a kind, one level, or a group. In the order of the table and of the
// levels, each once, so that the same set of words means the same list. Throws Error(usage) that names kinds
// and groups.
std::vector<Perturbation> parse_perturbations(std::string_view text);

// The image under interference, of a kind that takes images by themselves; as large as before. Random draws
// depend on (seed, kind, image) alone: every level and every detector sees the same noise in image `image`.
Image perturb(const Image&, const Perturbation&, uint64_t seed, uint32_t image);

// The frames of a video under interference of a kind that takes clips: those that follow each other in one
// size are one clip. Throws Error(data) where a build or its libraries lack the codec.
std::vector<Image> perturb_clip(std::span<const Image>, const Perturbation&);

}  // namespace rc
