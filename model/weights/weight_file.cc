#include "model/weights/weight_file.h"

#include "engine/error.h"
#include "engine/file.h"
#include "model/weights/npz.h"
#include "model/weights/safetensors.h"
#include "model/weights/zip.h"

namespace rc {

TensorFile decode_weights(std::string_view bytes, const std::string& name, const WeightsPart& part) {
  if (is_legacy_pytorch(bytes)) return decode_legacy_pytorch(bytes, name, part);
  constexpr size_t kBrace = 8;  // where the header of a safetensors file begins
  const bool safetensors = bytes.size() > kBrace && bytes[kBrace] == '{';
  if (!is_zip(bytes) && !safetensors)
    throw Error(Exit::data, name + " is no file of weights",
                "neither safetensors, nor .npz, nor what torch.save writes");
  TensorFile file;
  if (safetensors) {
    file = decode_safetensors(bytes, name);
  } else {
    const Zip zip(bytes, name);
    if (is_pytorch(zip)) return decode_pytorch(zip, name, part);
    file = decode_npz(zip, name);
  }
  if (!part.state_key.empty())
    throw Error(Exit::usage, name + " has no parts", "--state-key", "it is for files that torch.save wrote");
  return file;
}

TensorFile read_weights(const std::filesystem::path& path, const WeightsPart& part) {
  return decode_weights(read_file(path), path.string(), part);
}

bool can_write_weights(const std::filesystem::path& path) {
  return path.extension() == ".safetensors" || path.extension() == ".npz";
}

void write_weights(const std::filesystem::path& path, const TensorFile& file) {
  if (!can_write_weights(path))
    throw Error(Exit::usage, "weights are written as .safetensors or .npz", path.string());
  write_file(path, path.extension() == ".npz" ? encode_npz(file) : encode_safetensors(file));
}

}  // namespace rc
