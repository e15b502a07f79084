#include "engine/npy_header.h"

#include <cctype>
#include <optional>

#include "engine/error.h"

namespace rc {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxDimensions = 32;  // as NumPy

// The header is a Python dict with three keys, in any order. A cursor over its text reads just that.
class Dict {
 public:
  Dict(std::string_view text, const std::string& name) : text_(text), name_(name) {
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

// `size` bytes, little-endian.
size_t length_at(std::string_view bytes, size_t at, size_t size) {
  size_t length = 0;
  for (size_t i = size; i-- > 0;) length = length << 8 | uint8_t(bytes[at + i]);
  return length;
}

}  // namespace

NpyHeader read_npy_header(std::string_view bytes, const std::string& name) {
  const auto refuse = [&](const std::string& why) {
    throw Error(Exit::data, "cannot read array " + name, why);
  };
  if (!bytes.starts_with(kMagic) || bytes.size() < 10) refuse("it is not an .npy file");
  const int version = uint8_t(bytes[6]);
  if (version < 1 || version > 3) refuse("its format version " + std::to_string(version) + " is unknown");
  const size_t begin = version == 1 ? 10 : 12;
  if (bytes.size() < begin) refuse("it is cut off inside its header");
  const size_t length = length_at(bytes, 8, begin - 8);
  if (length > bytes.size() - begin) refuse("it is cut off inside its header");
  const Dict dict(bytes.substr(begin, length), name);
  return {*dict.type, *dict.fortran, *dict.shape, begin + length};
}

std::string npy_header(std::string_view type, std::span<const int64_t> shape) {
  std::string dict = "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < shape.size(); ++i) dict += (i ? ", " : "") + std::to_string(shape[i]);
  dict += shape.size() == 1 ? ",), }" : "), }";
  dict.append(63 - (kMagic.size() + 4 + dict.size()) % 64, ' ');
  dict += '\n';
  check(dict.size() < 1 << 16, "npy: a header of version 1.0 has its length in 16 bits");
  return std::string(kMagic) + '\1' + '\0' + char(dict.size() & 255) + char(dict.size() >> 8) + dict;
}

}  // namespace rc
