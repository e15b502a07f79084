#include "model/onnx/onnx_model.h"

#include <algorithm>
#include <bit>
#include <climits>

#include "engine/build_info.h"
#include "engine/error.h"
#include "engine/protobuf.h"

namespace rc {
namespace {

static_assert(std::endian::native == std::endian::little);  // raw_data

// Numbers of fields and enums are those of onnx.proto.
enum DataType : int64_t { kFloat = 1, kInt64 = 7 };
enum AttributeType : int64_t { kAttributeFloat = 1, kAttributeInt = 2, kAttributeInts = 7 };

Message attribute(const std::string& name, const OnnxAttribute& value) {
  Message m;
  m.add_bytes(1, name);
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    m.add_integer(3, *integer);
    m.add_integer(20, kAttributeInt);
  } else if (const auto* number = std::get_if<float>(&value)) {
    m.add_float(2, *number);
    m.add_integer(20, kAttributeFloat);
  } else {
    for (const int64_t i : std::get<std::vector<int64_t>>(value)) m.add_integer(8, i);
    m.add_integer(20, kAttributeInts);
  }
  return m;
}

Message node(const OnnxNode& n) {
  Message m;
  for (const std::string& in : n.in) m.add_bytes(1, in);
  for (const std::string& out : n.out) m.add_bytes(2, out);
  m.add_bytes(3, n.name);
  m.add_bytes(4, n.op);
  for (const auto& [name, value] : n.attributes) m.add_message(5, attribute(name, value));
  return m;
}

Message tensor(const OnnxConstant& c) {
  Message m;
  size_t count = 1;
  for (const int64_t extent : c.shape) {
    m.add_integer(1, extent);
    count *= size_t(extent);
  }
  std::visit(
      [&]<class T>(const std::vector<T>& values) {
        check(values.size() == count, "a constant has the values of its shape", c.name);
        m.add_integer(2, std::is_same_v<T, float> ? kFloat : kInt64);
        m.add_bytes(8, c.name);
        m.add_bytes(9, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
      },
      c.values);
  return m;
}

Message value(const OnnxValue& v) {
  Message shape;
  for (const int64_t extent : v.shape) {
    Message dimension;
    extent == kAnyBatch ? dimension.add_bytes(2, "N") : dimension.add_integer(1, extent);
    shape.add_message(1, dimension);
  }
  Message tensor_type;
  tensor_type.add_integer(1, kFloat);
  tensor_type.add_message(2, shape);
  Message type;
  type.add_message(1, tensor_type);
  Message m;
  m.add_bytes(1, v.name);
  m.add_message(2, type);
  return m;
}

Message graph(const OnnxModel& model) {
  Message m;
  for (const OnnxNode& n : model.nodes) m.add_message(1, node(n));
  m.add_bytes(2, model.name);
  for (const OnnxConstant& c : model.constants) m.add_message(5, tensor(c));
  for (const OnnxValue& v : model.inputs) m.add_message(11, value(v));
  for (const OnnxValue& v : model.outputs) m.add_message(12, value(v));
  return m;
}

}  // namespace

OnnxConstant* OnnxModel::constant(const std::string& wanted) {
  const auto found = std::ranges::find_if(constants, [&](const OnnxConstant& c) { return c.name == wanted; });
  return found == constants.end() ? nullptr : &*found;
}

std::string encode_onnx(const OnnxModel& model) {
  Message opset;
  opset.add_bytes(1, "");
  opset.add_integer(2, kOnnxOpset);
  Message m;
  m.add_integer(1, kOnnxIr);
  m.add_bytes(2, "realcentric");
  m.add_bytes(3, kVersion);
  m.add_message(7, graph(model));
  m.add_message(8, opset);
  for (const auto& [key, text] : model.metadata) {
    Message entry;
    entry.add_bytes(1, key);
    entry.add_bytes(2, text);
    m.add_message(14, entry);
  }
  if (m.wire().size() > INT_MAX)
    throw Error(Exit::data, "the network is too large for one ONNX file", "2 GiB is Protocol Buffers' limit");
  return m.wire();
}

}  // namespace rc
