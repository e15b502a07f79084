#include "model/weights/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "engine/error.h"
#include "engine/file.h"

namespace rc {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kLargestHeader = 100'000'000;  // the reference reader's bound
constexpr size_t kLengthBytes = 8, kAlignment = 8;

// Reads one file; every failure names it.
class Decoder {
 public:
  Decoder(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  TensorFile decode() {
    const std::string_view header = take_header();
    const Json root = parse(header);
    if (!root.is_object()) fail("the header is not an object");

    TensorFile file;
    std::vector<Span> spans;
    for (const auto& [key, value] : root.items()) {
      if (key == "__metadata__")
        read_metadata(value, file.metadata);
      else
        spans.push_back(read_entry(key, value));
    }
    std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    uint64_t at = 0;
    for (Span& s : spans) {
      if (s.begin != at) fail("\"" + s.tensor.name + "\" does not begin where the one before it ends");
      at = s.end;
    }
    if (at != data_.size())
      fail("the tensors end at byte " + std::to_string(at) + " of " + std::to_string(data_.size()));
    for (Span& s : spans) {
      s.tensor.bytes = data_.substr(s.begin, s.end - s.begin);
      file.tensors.push_back(std::move(s.tensor));
    }
    return file;
  }

 private:
  struct Span {
    StoredTensor tensor;
    uint64_t begin, end;
  };

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Exit::data, "not a valid safetensors file: " + name_, what);
  }

  std::string_view take_header() {
    if (bytes_.size() < kLengthBytes) fail("it is shorter than the header's length");
    uint64_t length = 0;
    for (size_t i = kLengthBytes; i-- > 0;) length = length << 8 | uint8_t(bytes_[i]);
    if (length > kLargestHeader)
      fail("the header is longer than " + std::to_string(kLargestHeader) + " bytes");
    if (length > bytes_.size() - kLengthBytes) fail("it ends within the header");
    const std::string_view header = bytes_.substr(kLengthBytes, length);
    if (header.empty() || header[0] != '{') fail("the header does not begin with {");
    data_ = bytes_.substr(kLengthBytes + length);
    return header;
  }

  Json parse(std::string_view header) const {
    std::vector<std::set<std::string>> keys;  // of the open objects
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
      constexpr int kDeepest = 4;
      if (depth > kDeepest) fail("the header is nested too deeply");
      if (event == Json::parse_event_t::object_start) keys.emplace_back();
      if (event == Json::parse_event_t::object_end) keys.pop_back();
      if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
        fail("duplicate name \"" + parsed.get<std::string>() + "\"");
      return true;
    };
    try {
      return Json::parse(header, watch);
    } catch (const Json::exception& e) {
      fail(std::string("the header is not JSON: ") + e.what());
    }
  }

  void read_metadata(const Json& value, std::map<std::string, std::string>& metadata) const {
    if (!value.is_object()) fail("__metadata__ is not an object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail("__metadata__ \"" + key + "\" is not a string");
      metadata[key] = text.get<std::string>();
    }
  }

  Span read_entry(const std::string& name, const Json& value) const {
    const auto bad = [&](const std::string& what) { fail("\"" + name + "\": " + what); };
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets"))
      bad("has other members than dtype, shape, data_offsets");

    StoredTensor tensor;
    tensor.name = name;
    const Json &dtype = value["dtype"], &shape = value["shape"], &offsets = value["data_offsets"];
    const std::optional<StoredType> type =
        dtype.is_string() ? stored_type(dtype.get<std::string>()) : std::nullopt;
    if (!type) bad("type " + dtype.dump(-1, ' ', true) + " is none of " + names_of_stored_types());
    tensor.type = *type;

    if (!shape.is_array()) bad("the shape is not an array");
    for (const Json& n : shape) {
      if (!n.is_number_unsigned() || n.get<uint64_t>() > uint64_t(INT64_MAX))
        bad("the shape is not made of sizes");
      tensor.shape.push_back(n.get<int64_t>());
    }
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned())
      bad("data_offsets are not two offsets");
    const uint64_t begin = offsets[0].get<uint64_t>(), end = offsets[1].get<uint64_t>();
    if (begin > end) bad("it ends before it begins");
    if (end > data_.size()) bad("it ends after the file");
    const std::optional<uint64_t> size = bytes_of(tensor.type, tensor.shape);
    if (!size || *size != end - begin)
      bad("its shape does not have its " + std::to_string(end - begin) + " bytes");
    return {std::move(tensor), begin, end};
  }

  std::string_view bytes_, data_;
  const std::string& name_;
};

}  // namespace

std::string encode_safetensors(const TensorFile& file) {
  std::vector<const StoredTensor*> order;
  for (const StoredTensor& tensor : file.tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const StoredTensor* a, const StoredTensor* b) {
    return std::pair(b->type, std::string_view(a->name)) < std::pair(a->type, std::string_view(b->name));
  });

  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  uint64_t at = 0;
  for (const StoredTensor* t : order) {
    check(bytes_of(t->type, t->shape) == t->bytes.size(), "a tensor's bytes fit its shape", t->name);
    check(!header.contains(t->name) && t->name != "__metadata__", "tensors have different names", t->name);
    header[t->name] = {
        {"dtype", name_of(t->type)}, {"shape", t->shape}, {"data_offsets", {at, at + t->bytes.size()}}};
    at += t->bytes.size();
  }
  std::string text = header.dump();
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');

  std::string out;
  out.reserve(kLengthBytes + text.size() + at);
  for (size_t i = 0; i < kLengthBytes; ++i) out.push_back(char(uint64_t(text.size()) >> (8 * i)));
  out += text;
  for (const StoredTensor* t : order) out += t->bytes;
  return out;
}

TensorFile decode_safetensors(std::string_view bytes, const std::string& name) {
  return Decoder(bytes, name).decode();
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  write_file(path, encode_safetensors(file));
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  return decode_safetensors(read_file(path), path.string());
}

}  // namespace rc
