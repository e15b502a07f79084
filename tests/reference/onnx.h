// ONNX without any of its tools: an .onnx file is decoded by the schema, and run by plain loops in double
// precision. Only what our exporter uses; anything else is refused by an exception.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/onnx/onnx_model.h"

namespace rc::reference {

// A decoded file. What the exporter says in OnnxModel, and what it leaves to the encoder.
struct DecodedOnnx {
  int64_t ir = 0, opset = 0;
  std::string domain, producer, producer_version;
  OnnxModel model;
};
DecodedOnnx decode_onnx(std::string_view bytes);

struct OnnxArray {
  std::vector<int64_t> shape;
  std::vector<double> values;  // row-major

  int64_t size() const;
};

// The model's outputs by name. Throws std::runtime_error for an operator or attribute that it does not know,
// a value that nobody made, and shapes that do not fit.
std::map<std::string, OnnxArray> run_onnx(const OnnxModel&, std::map<std::string, OnnxArray> inputs);

}  // namespace rc::reference
