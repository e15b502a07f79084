// The safetensors format: named tensors and string metadata in one file. Same tensors, same bytes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "model/weights/stored_tensor.h"

namespace rc {

// Tensors by decreasing alignment of their type, then by name, as the reference writer orders them. Names
// must differ and sizes must fit their shapes (a failed check otherwise).
std::string encode_safetensors(const TensorFile&);

// Throws Error(data) that names `name` for anything that is not exactly the format: bad lengths, offsets that
// overlap, leave holes or miss the end, duplicate names, overflowing shapes, types that
// StoredType does not have.
TensorFile decode_safetensors(std::string_view bytes, const std::string& name);

void write_safetensors(const std::filesystem::path&, const TensorFile&);
TensorFile read_safetensors(const std::filesystem::path&);

}  // namespace rc
