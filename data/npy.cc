#include "data/npy.h"

#include <array>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstring>
#include <optional>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/half.h"

namespace rc {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxDimensions = 32;  // as NumPy

// The header is a Python dict with three keys, in any order. A cursor over its text reads just that.
class Header {
 public:
  Header(std::string_view text, const std::string& name) : text_(text), name_(name) {
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr" && !type)
        type = string();
      else if (key == "fortran_order" && !fortran)
        fortran = boolean();
      else if (key == "shape" && !shape)
        shape = tuple();
      else
        refuse("its header has an unexpected key \"" + key + "\"");
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size() || !type || !fortran || !shape) refuse("its header is not complete");
  }

  std::optional<std::string> type;
  std::optional<bool> fortran;
  std::optional<std::vector<int64_t>> shape;

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(Exit::data, "cannot read array " + name_, why);
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) refuse(std::string("its header lacks '") + c + "' at byte " + std::to_string(at_));
  }
  std::string string() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect('\'');
    const size_t end = text_.find(quote, at_);
    if (end == text_.npos || end - at_ > 32) refuse("its header has a string without end");
    const std::string found(text_.substr(at_, end - at_));
    at_ = end + 1;
    return found;
  }
  bool boolean() {
    skip_space();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return value;
    }
    refuse("its header has neither True nor False where one belongs");
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> values;
    expect('(');
    while (!accept(')')) {
      if (values.size() == kMaxDimensions) refuse("it has too many dimensions");
      values.push_back(integer());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }
  int64_t integer() {
    skip_space();
    int64_t value = 0;
    const size_t begin = at_;
    for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])); ++at_) {
      value = value * 10 + (text_[at_] - '0');
      if (value > int64_t(1) << 40) refuse("it has a dimension that is too large");
    }
    if (at_ == begin) refuse("its header has no number where one belongs");
    return value;
  }

  std::string_view text_;
  const std::string& name_;
  size_t at_ = 0;
};

template <class T>
T raw(const char* bytes, bool swap) {
  std::array<char, sizeof(T)> copy;
  for (size_t i = 0; i < sizeof(T); ++i) copy[i] = bytes[swap ? sizeof(T) - 1 - i : i];
  return std::bit_cast<T>(copy);
}

// One value of `kind` and `size` as double. The caller has checked that such a type exists.
double value_of(char kind, int size, const char* bytes, bool swap) {
  if (kind == 'b') return *bytes != 0;
  if (kind == 'u') return raw<uint8_t>(bytes, false);
  if (kind == 'f') {
    if (size == 2) return half_value(raw<uint16_t>(bytes, swap));
    return size == 4 ? double(raw<float>(bytes, swap)) : raw<double>(bytes, swap);
  }
  if (size == 1) return raw<int8_t>(bytes, false);
  if (size == 2) return raw<int16_t>(bytes, swap);
  if (size == 4) return raw<int32_t>(bytes, swap);
  return double(raw<int64_t>(bytes, swap));
}

// From Fortran's order (first index fastest) to C's.
std::vector<double> to_c_order(const std::vector<double>& in, const std::vector<int64_t>& shape) {
  std::vector<double> out(in.size());
  std::vector<int64_t> index(shape.size());
  for (double& value : out) {
    size_t from = 0;
    for (size_t d = shape.size(); d-- > 0;) from = from * size_t(shape[d]) + size_t(index[d]);
    value = in[from];
    for (size_t d = shape.size(); d-- > 0 && ++index[d] == shape[d];) index[d] = 0;
  }
  return out;
}

}  // namespace

NpyArray decode_npy(std::string_view bytes, const std::string& name, uint64_t value_limit) {
  const auto refuse = [&](const std::string& why, const std::string& hint = {}) {
    throw Error(Exit::data, "cannot read array " + name, why, hint);
  };
  if (!bytes.starts_with(kMagic) || bytes.size() < 10) refuse("it is not an .npy file");
  const int version = uint8_t(bytes[6]);
  if (version < 1 || version > 3) refuse("its format version " + std::to_string(version) + " is unknown");
  const size_t begin = version == 1 ? 10 : 12;
  if (bytes.size() < begin) refuse("it is cut off inside its header");
  const size_t length =
      version == 1 ? raw<uint16_t>(&bytes[8], false) : size_t(raw<uint32_t>(&bytes[8], false));
  if (length > bytes.size() - begin) refuse("it is cut off inside its header");
  const Header header(bytes.substr(begin, length), name);

  const std::string& type = *header.type;
  static constexpr std::string_view kTypes = " f2 f4 f8 u1 i1 i2 i4 i8 b1 ";
  if (type.size() != 3 || std::string_view("<>|=").find(type[0]) == std::string_view::npos ||
      kTypes.find(" " + type.substr(1) + " ") == std::string_view::npos)
    refuse("its type " + type + " is not a plain number", "save it from NumPy with astype('float32')");
  const int size = type[2] - '0';

  uint64_t count = 1;
  for (const int64_t extent : *header.shape) {
    if (extent != 0 && count > value_limit / uint64_t(extent))
      refuse("it holds more than the " + std::to_string(value_limit) + " values allowed");
    count *= uint64_t(extent);
  }
  const std::string_view data = bytes.substr(begin + length);
  if (data.size() != count * uint64_t(size))
    refuse("its shape needs " + std::to_string(count * uint64_t(size)) + " bytes, it has " +
           std::to_string(data.size()));

  NpyArray array{*header.shape, std::vector<double>(count)};
  for (uint64_t i = 0; i < count; ++i)
    array.values[i] = value_of(type[1], size, data.data() + i * uint64_t(size), type[0] == '>');
  if (type.substr(1) == "i8")
    for (const double value : array.values)
      if (std::abs(value) > 0x1p53) refuse("it holds integers beyond 2^53");
  if (*header.fortran) array.values = to_c_order(array.values, array.shape);
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) {
  return decode_npy(read_file(path, uint64_t(1) << 30), path.string());
}

std::string encode_npy(std::span<const float> values, std::span<const int64_t> shape) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  uint64_t count = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    header += (i ? ", " : "") + std::to_string(shape[i]);
    count *= uint64_t(shape[i]);
  }
  header += shape.size() == 1 ? ",), }" : "), }";
  check(count == values.size(), "npy: shape and values differ");
  header.append(63 - (kMagic.size() + 4 + header.size()) % 64, ' ');
  header += '\n';

  std::string bytes(kMagic);
  bytes += {'\1', '\0', char(header.size() & 255), char(header.size() >> 8)};
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return bytes;
}

}  // namespace rc
