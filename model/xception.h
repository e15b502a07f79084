// Xception (Chollet, CVPR 2017) as the field of deepfake detection uses it: the names and the arithmetic of
// Cadene's pretrained weights, whose 3x3 convolutions at the start have no padding.
#pragma once

#include "model/layers.h"

namespace rc {

// Images [N, H, W, 3] (H, W at least 32) to pooled features [N, 2048]. The classifier, "last_linear", is the
// caller's.
Value xception(const Layers&, Value images);

}  // namespace rc
