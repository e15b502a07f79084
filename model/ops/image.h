// Images as the loader gives them to the network's first activation.
#pragma once

#include "engine/graph.h"

namespace rc {

// pixels u8 [N, H, W, 3] RGB, flip u8 [N] (1: mirrored left to right) -> (x / 255 - mean) / std, stored as
// the device likes for images. mean and std are the same for the three colours: 0.5 each maps to [-1, 1].
Value normalise_images(Value pixels, Value flip, float mean, float std);

}  // namespace rc
