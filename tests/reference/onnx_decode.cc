#include <bit>
#include <cstring>
#include <stdexcept>

#include "tests/reference/onnx.h"

namespace rc::reference {
namespace {

struct Field {
  uint32_t number = 0;
  uint64_t integer = 0;    // of wire types 0 and 5
  std::string_view bytes;  // of wire type 2
};

std::vector<Field> fields_of(std::string_view wire) {
  std::vector<Field> fields;
  const auto varint = [&] {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      if (wire.empty() || shift > 63) throw std::runtime_error("a varint without end");
      const auto byte = uint8_t(wire[0]);
      wire.remove_prefix(1);
      value |= uint64_t(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (!wire.empty()) {
    const uint64_t tag = varint();
    Field field;
    field.number = uint32_t(tag >> 3);
    if ((tag & 7) == 0) {
      field.integer = varint();
    } else if ((tag & 7) == 2) {
      const uint64_t length = varint();
      if (length > wire.size()) throw std::runtime_error("a field beyond the end");
      field.bytes = wire.substr(0, length);
      wire.remove_prefix(length);
    } else if ((tag & 7) == 5 && wire.size() >= 4) {
      for (size_t i = 4; i-- > 0;) field.integer = field.integer << 8 | uint8_t(wire[i]);
      wire.remove_prefix(4);
    } else {
      throw std::runtime_error("an unknown wire type");
    }
    fields.push_back(field);
  }
  return fields;
}

std::string text(const Field& f) { return std::string(f.bytes); }

template <class T>
std::vector<T> raw(std::string_view bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

std::pair<std::string, OnnxAttribute> attribute(std::string_view wire) {
  std::string name;
  uint64_t type = 0;
  float number = 0;
  int64_t integer = 0;
  std::vector<int64_t> integers;
  for (const Field& f : fields_of(wire)) {
    if (f.number == 1) name = text(f);
    if (f.number == 2) number = std::bit_cast<float>(uint32_t(f.integer));
    if (f.number == 3) integer = int64_t(f.integer);
    if (f.number == 8) integers.push_back(int64_t(f.integer));
    if (f.number == 20) type = f.integer;
  }
  if (type == 1) return {name, number};
  if (type == 2) return {name, integer};
  if (type == 7) return {name, integers};
  throw std::runtime_error("an attribute of an unknown type: " + name);
}

OnnxNode node(std::string_view wire) {
  OnnxNode n;
  for (const Field& f : fields_of(wire)) {
    if (f.number == 1) n.in.push_back(text(f));
    if (f.number == 2) n.out.push_back(text(f));
    if (f.number == 3) n.name = text(f);
    if (f.number == 4) n.op = text(f);
    if (f.number == 5) n.attributes.insert(attribute(f.bytes));
  }
  return n;
}

OnnxConstant constant(std::string_view wire) {
  OnnxConstant c;
  uint64_t type = 0;
  std::string_view bytes;
  for (const Field& f : fields_of(wire)) {
    if (f.number == 1) c.shape.push_back(int64_t(f.integer));
    if (f.number == 2) type = f.integer;
    if (f.number == 8) c.name = text(f);
    if (f.number == 9) bytes = f.bytes;
  }
  if (type == 1)
    c.values = raw<float>(bytes);
  else if (type == 7)
    c.values = raw<int64_t>(bytes);
  else
    throw std::runtime_error("a constant of an unknown type: " + c.name);
  return c;
}

OnnxValue value(std::string_view wire) {
  OnnxValue v;
  for (const Field& f : fields_of(wire)) {
    if (f.number == 1) v.name = text(f);
    if (f.number != 2) continue;
    for (const Field& type : fields_of(f.bytes))
      for (const Field& tensor : fields_of(type.bytes)) {
        if (tensor.number == 1 && tensor.integer != 1) throw std::runtime_error("a value that is no float");
        if (tensor.number != 2) continue;
        for (const Field& dimension : fields_of(tensor.bytes))
          for (const Field& extent : fields_of(dimension.bytes))
            v.shape.push_back(extent.number == 1 ? int64_t(extent.integer) : kAnyBatch);
      }
  }
  return v;
}

}  // namespace

DecodedOnnx decode_onnx(std::string_view bytes) {
  DecodedOnnx file;
  OnnxModel& model = file.model;
  for (const Field& f : fields_of(bytes)) {
    if (f.number == 1) file.ir = int64_t(f.integer);
    if (f.number == 2) file.producer = text(f);
    if (f.number == 3) file.producer_version = text(f);
    if (f.number == 7)
      for (const Field& g : fields_of(f.bytes)) {
        if (g.number == 1) model.nodes.push_back(node(g.bytes));
        if (g.number == 2) model.name = text(g);
        if (g.number == 5) model.constants.push_back(constant(g.bytes));
        if (g.number == 11) model.inputs.push_back(value(g.bytes));
        if (g.number == 12) model.outputs.push_back(value(g.bytes));
      }
    if (f.number == 8)
      for (const Field& g : fields_of(f.bytes)) {
        if (g.number == 1) file.domain = text(g);
        if (g.number == 2) file.opset = int64_t(g.integer);
      }
    if (f.number == 14) {
      std::string key, said;
      for (const Field& g : fields_of(f.bytes)) (g.number == 1 ? key : said) = text(g);
      model.metadata[key] = said;
    }
  }
  return file;
}

}  // namespace rc::reference
