// NumPy's .npz: a ZIP archive of an .npy array a tensor, stored or deflated.
#pragma once

#include <string>

#include "model/weights/stored_tensor.h"

namespace rc {

class Zip;

// Throws Error(data) that names `name` for arrays that are not plain numbers or do not have their bytes.
TensorFile decode_npz(const Zip&, const std::string& name);

// Stored, in safetensors' order of tensors: same tensors, same bytes. NumPy has no bfloat16: such a tensor is
// written as two-byte voids (|V2), as JAX's users know them, and read back from these. Metadata is an array
// __metadata__ of the bytes of a JSON object. Throws Error(data) beyond 4 GiB.
std::string encode_npz(const TensorFile&);

}  // namespace rc
