// What torch.save wrote: .pth, .pt, .tar, in the ZIP format and in the one before PyTorch 1.6. Tensors are
// taken out by an allow-list; nothing of the file is ever executed.
#pragma once

#include <string>
#include <string_view>

#include "model/weights/stored_tensor.h"

namespace rc {

class Zip;

// Which part of a file is meant. PyTorch's files often hold more than weights.
struct WeightsPart {
  std::string state_key = {};  // "model", "model.ema"; empty: `state_dict`, `model` or `net`, else the whole
  bool everything = false;     // all tensors of the file, for those who look into it
};

bool is_pytorch(const Zip&);
bool is_legacy_pytorch(std::string_view bytes);

// The tensors of that part, in the file's order, contiguous whatever their strides, named by the keys of
// nested dictionaries joined by dots. Numbers and texts beside them become metadata. What is refused outside
// of the part becomes a warning. Throws Error(data) that names `name` for a refused value within it ("refuses
// to unpickle global ..."), for a part that is not there, and for anything broken.
TensorFile decode_pytorch(const Zip&, const std::string& name, const WeightsPart&);
TensorFile decode_legacy_pytorch(std::string_view bytes, const std::string& name, const WeightsPart&);

}  // namespace rc
