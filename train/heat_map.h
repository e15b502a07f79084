// Which parts of an image speak for "fake": Grad-CAM (Selvaraju et al., ICCV 2017) of that logit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/image.h"
#include "engine/shape.h"

namespace rc {

// What each place of the last feature map A adds to a logit y: sum over k of w_k A_k, with the classifier's
// w. Grad-CAM weighs A_k by the mean over pixels of dy / dA_k. As all backbones end in a mean over the Z
// pixels and one linear layer, that is w_k / Z exactly, and no backward pass is needed: its map is this one's
// positive part, up to the factor 1 / Z that the scale to [0, 1] takes out.
struct LogitMap {
  int height = 0, width = 0;
  std::vector<float> values;  // [height, width]; their mean plus the classifier's bias is the logit
};

// One a row of `feature_map` [N, H, W, F], fp32 or bf16 in host memory, stored as its description says; w
// [F].
std::vector<LogitMap> logit_maps(const Tensor& feature_map, std::span<const float> w);

// Grad-CAM's map for an image of that size: the positive part, between the nearest places (centres aligned,
// the border repeated), in [0, 1] with 1 at the largest value; zeros where nothing is positive. [height,
// width].
std::vector<float> heat_map(const LogitMap&, int height, int width);

// The image with the map laid over it: nothing where it is 0, yellow to red where it is more.
Image with_heat(const Image&, const LogitMap&);

}  // namespace rc
