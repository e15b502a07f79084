#include "model/weights/npz.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/npy_header.h"
#include "model/weights/utf8.h"
#include "model/weights/zip.h"

namespace rc {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kSuffix = ".npy", kMetadata = "__metadata__";

struct TypeCode {
  StoredType type;
  std::string_view code;  // NumPy's, without the byte order
};
constexpr std::array kCodes = {
    TypeCode{StoredType::boolean, "b1"}, TypeCode{StoredType::u8, "u1"},  TypeCode{StoredType::i8, "i1"},
    TypeCode{StoredType::i16, "i2"},     TypeCode{StoredType::u16, "u2"}, TypeCode{StoredType::f16, "f2"},
    TypeCode{StoredType::bf16, "V2"},    TypeCode{StoredType::i32, "i4"}, TypeCode{StoredType::u32, "u4"},
    TypeCode{StoredType::f32, "f4"},     TypeCode{StoredType::f64, "f8"}, TypeCode{StoredType::i64, "i8"},
    TypeCode{StoredType::u64, "u8"},
};

// From Fortran's order of indices to C's.
std::string to_c_order(const std::string& in, const std::vector<int64_t>& shape, size_t width) {
  std::string out;
  out.reserve(in.size());
  std::vector<int64_t> index(shape.size());
  while (out.size() < in.size()) {
    size_t from = 0;
    for (size_t d = shape.size(); d-- > 0;) from = from * size_t(shape[d]) + size_t(index[d]);
    out.append(in, from * width, width);
    for (size_t d = shape.size(); d-- > 0 && ++index[d] == shape[d];) index[d] = 0;
  }
  return out;
}

StoredTensor decode_array(std::string_view bytes, const std::string& tensor, const std::string& file) {
  const std::string name = tensor + " of " + file;
  const auto refuse = [&](const std::string& why, const std::string& hint = {}) {
    throw Error(Exit::data, "cannot read array " + name, why, hint);
  };
  const NpyHeader header = read_npy_header(bytes, name);
  const std::string code = header.type.size() == 3 ? header.type.substr(1) : "";
  const auto* known = std::ranges::find(kCodes, code, &TypeCode::code);
  if (known == kCodes.end() || std::string_view("<>|=").find(header.type[0]) == std::string_view::npos)
    refuse("its type " + header.type + " is not a plain number", "save it from NumPy with astype('float32')");
  const std::optional<uint64_t> size = bytes_of(known->type, header.shape);
  if (!size || *size != bytes.size() - header.data)
    refuse("its shape does not have its " + std::to_string(bytes.size() - header.data) + " bytes");

  StoredTensor t{tensor, known->type, header.shape, std::string(bytes.substr(header.data))};
  const size_t width = size_of(t.type);
  if (header.type[0] == '>')
    for (size_t at = 0; at < t.bytes.size(); at += width)
      std::reverse(t.bytes.begin() + long(at), t.bytes.begin() + long(at + width));
  if (header.fortran) t.bytes = to_c_order(t.bytes, t.shape, width);
  return t;
}

std::map<std::string, std::string> decode_metadata(const StoredTensor& t, const std::string& name) {
  const Json json = Json::parse(t.bytes, nullptr, false);
  std::map<std::string, std::string> metadata;
  bool texts = t.type == StoredType::u8 && json.is_object();
  if (texts)
    for (const auto& [key, value] : json.items()) {
      texts = texts && value.is_string();
      if (texts) metadata[key] = value.get<std::string>();
    }
  if (!texts)
    throw Error(Exit::data, "cannot read weights " + name, "its __metadata__ is no object of texts");
  return metadata;
}

std::string encode_array(const StoredTensor& t) {
  const std::string code(std::ranges::find(kCodes, t.type, &TypeCode::type)->code);
  const bool ordered = size_of(t.type) > 1 && t.type != StoredType::bf16;
  return npy_header((ordered ? "<" : "|") + code, t.shape) + t.bytes;
}

}  // namespace

TensorFile decode_npz(const Zip& zip, const std::string& name) {
  TensorFile file;
  for (const std::string& entry : zip.names()) {
    if (!entry.ends_with(kSuffix) || !is_utf8(entry))
      throw Error(Exit::data, "cannot read weights " + name, "\"" + entry + "\" in it is no array");
    std::string room;
    StoredTensor t =
        decode_array(zip.read(entry, room), entry.substr(0, entry.size() - kSuffix.size()), name);
    if (t.name == kMetadata)
      file.metadata = decode_metadata(t, name);
    else
      file.tensors.push_back(std::move(t));
  }
  return file;
}

std::string encode_npz(const TensorFile& file) {
  std::vector<const StoredTensor*> order;
  for (const StoredTensor& t : file.tensors) order.push_back(&t);
  std::sort(order.begin(), order.end(), [](const StoredTensor* a, const StoredTensor* b) {
    return std::pair(b->type, std::string_view(a->name)) < std::pair(a->type, std::string_view(b->name));
  });
  std::vector<std::pair<std::string, std::string>> entries;
  const auto add = [&](const StoredTensor& t) {
    entries.emplace_back(t.name + std::string(kSuffix), encode_array(t));
  };
  if (!file.metadata.empty()) {
    const std::string text = Json(file.metadata).dump();
    add({std::string(kMetadata), StoredType::u8, {int64_t(text.size())}, text});
  }
  for (const StoredTensor* t : order) add(*t);
  return encode_zip(entries);
}

}  // namespace rc
