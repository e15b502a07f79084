// Files of weights of any format, told apart by what they hold and not by their names.
#pragma once

#include <filesystem>

#include "model/weights/pytorch.h"
#include "model/weights/stored_tensor.h"

namespace rc {

// Reads safetensors, .npz and what torch.save wrote. `part` says which part of PyTorch's is meant. Throws
// Error(data) for what is none of these, or broken.
TensorFile read_weights(const std::filesystem::path&, const WeightsPart& part = {});
TensorFile decode_weights(std::string_view bytes, const std::string& name, const WeightsPart& part = {});

// .safetensors or .npz, by the name. Throws Error(usage) for others.
void write_weights(const std::filesystem::path&, const TensorFile&);
bool can_write_weights(const std::filesystem::path&);

}  // namespace rc
