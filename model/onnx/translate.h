// A traced detector in the words of ONNX.
#pragma once

#include <functional>
#include <vector>

#include "engine/graph.h"
#include "model/detector.h"
#include "model/onnx/onnx_model.h"

namespace rc {

// The values of a variable, in its own order.
using VariableValues = std::function<std::vector<float>(const Variable&)>;

// What trace_inference traced, for batches of any size. Input: `input` [N, 3, H, W], RGB as normalise_images
// gives it, (x / 255 - mean) / std. Outputs: `logits` [N, 2] (real, fake), `prob_fake` [N]; and where the
// detector has centres `embedding` [N, D] on the unit sphere and `real_distance` [N]. Filters are in ONNX's
// order [K, C, R, S], by PyTorch's names; batch norms stay operators of their own. Throws Error(internal) for
// an op that has no translation yet.
OnnxModel translate(const Graph&, const Inference&, const VariableValues&);

}  // namespace rc
