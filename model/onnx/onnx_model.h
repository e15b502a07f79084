// A model in the words of ONNX: operators of the default domain, constants, and what it says of itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rc {

inline constexpr int64_t kOnnxIr = 8, kOnnxOpset = 13;  // read by onnx 1.8 and newer

using OnnxAttribute = std::variant<int64_t, float, std::vector<int64_t>>;

struct OnnxNode {
  std::string name, op;  // "layer1.0.conv1", "Conv"
  std::vector<std::string> in, out;
  std::map<std::string, OnnxAttribute> attributes;
};

struct OnnxConstant {
  std::string name;
  std::vector<int64_t> shape;  // [] is a scalar
  std::variant<std::vector<float>, std::vector<int64_t>> values;
};

inline constexpr int64_t kAnyBatch = -1;  // as an extent: symbolic, called "N"

struct OnnxValue {  // float32
  std::string name;
  std::vector<int64_t> shape;
};

struct OnnxModel {
  std::string name;
  std::vector<OnnxNode> nodes;  // in an order in which they can run
  std::vector<OnnxConstant> constants;
  std::vector<OnnxValue> inputs, outputs;
  std::map<std::string, std::string> metadata;

  OnnxConstant* constant(const std::string& name);  // nullptr where there is none
};

// The bytes of an .onnx file: a ModelProto. Same model, same bytes. Throws Error(data) for one that is too
// large for a single file (2 GiB).
std::string encode_onnx(const OnnxModel&);

}  // namespace rc
