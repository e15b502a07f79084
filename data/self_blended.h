// Self-blended images: a real face with a changed copy of itself blended over it, so that nothing but the act
// of blending tells it from real (Shiohara and Yamasaki, "Detecting deepfakes with self-blended images", CVPR
// 2022; written anew from the paper's steps and ranges).
#pragma once

#include <span>
#include <vector>

#include "data/image.h"
#include "data/index.h"
#include "data/landmarks.h"
#include "engine/rng.h"

namespace rc {

// The landmarks of a frame, 68 or 81: in "landmarks" where its path has "frames", as .npy (DeepfakeBench's
// and data prepare's tree), or else beside it. Throws Error(data) where there are none.
std::vector<Point> landmarks_beside(const Index&, int video, int frame);

// Square images alone, or Error(data). What lies far from the landmarks' hull stays as it was, or as half of
// all draws change it: either the copy or what it is laid over changes its colours and sharpness.
Image self_blended(const Image&, std::span<const Point> landmarks, Rng);

}  // namespace rc
