// A trained detector as an ONNX file.
#pragma once

#include <filesystem>
#include <string>

namespace rc {

struct OnnxExport {
  std::string bytes;
  std::string weights_hash;
  size_t nodes = 0;
};

// The model at `path` (as load_model_config takes it), for any batch at its own image size, in fp32 whatever
// it was trained in; `keep_norms` leaves batch norms as operators instead of folding them into what is before
// them. What to feed it is in its metadata: mean, std, size, colours, labels; so are the backbone, the sha256
// of the weights and the program's version. Throws Error(data) where there is no such model.
OnnxExport export_onnx(const std::filesystem::path& path, bool keep_norms);

}  // namespace rc
