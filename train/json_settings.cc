#include "train/json_settings.h"

#include <iterator>

#include "engine/error.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kDeepest = 8;  // twice what there is; each level makes the keys below it longer

// Walks the text and counts the line that the parser has read up to.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, int* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    if (*at_++ == '\n') ++*line_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  int* line_;
};

// Receives the parser's events; a key's event comes before anything after it has been read, so the line is
// the key's.
class Flattener : public nlohmann::json_sax<Json> {
 public:
  Flattener(const int& line, const std::string& name, std::vector<JsonSetting>& out)
      : line_(line), name_(name), out_(out) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool x) override { return add(x); }
  bool number_integer(number_integer_t x) override { return add(x); }
  bool number_unsigned(number_unsigned_t x) override { return add(x); }
  bool number_float(number_float_t x, const string_t&) override { return add(x); }
  bool string(string_t& x) override { return add(x); }
  bool binary(binary_t&) override { return add(nullptr); }

  bool start_object(size_t) override {
    if (in_array_) fail("an object inside an array");
    if (prefixes_.size() == kDeepest) fail("objects are nested too deeply");
    prefixes_.push_back(key_.empty() ? std::string() : key_ + ".");
    counts_.push_back(out_.size());
    return true;
  }
  bool key(string_t& k) override {
    key_ = prefixes_.back() + k;
    key_line_ = line_;
    return true;
  }
  bool end_object() override {
    std::string prefix = std::move(prefixes_.back());
    const bool empty = counts_.back() == out_.size();
    prefixes_.pop_back(), counts_.pop_back();
    if (empty && !prefix.empty()) {
      prefix.pop_back();
      out_.push_back({std::move(prefix), Json::object(), line_});
    }
    return true;
  }
  bool start_array(size_t) override {
    if (in_array_) fail("an array inside an array");
    if (prefixes_.empty()) fail("the outermost value is not an object");
    in_array_ = true;
    out_.push_back({key_, Json::array(), key_line_});
    return true;
  }
  bool end_array() override { return !(in_array_ = false); }

  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& e) override {
    std::string what = e.what();  // "[json...] parse error at line 3, column 5: syntax error ..."
    if (const size_t colon = what.find(": "); colon != std::string::npos) what.erase(0, colon + 2);
    fail(what);
  }

 private:
  bool add(Json value) {
    if (prefixes_.empty()) fail("the outermost value is not an object");
    if (in_array_)
      out_.back().value.push_back(std::move(value));
    else
      out_.push_back({key_, std::move(value), key_line_});
    return true;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Exit::usage, "not a JSON object of settings: " + name_ + ":" + std::to_string(line_), what,
                "strict JSON: double quotes, no comments, no comma after the last member");
  }

  const int& line_;
  const std::string& name_;
  std::vector<JsonSetting>& out_;
  std::vector<std::string> prefixes_;  // of the open objects
  std::vector<size_t> counts_;         // settings before each open object
  std::string key_;
  int key_line_ = 1;
  bool in_array_ = false;
};

}  // namespace

std::vector<JsonSetting> parse_json_settings(std::string_view text, const std::string& name) {
  std::vector<JsonSetting> out;
  int line = 1;
  Flattener flattener(line, name, out);
  Json::sax_parse(CountingIterator(text.data(), &line), CountingIterator(text.data() + text.size(), &line),
                  &flattener);
  return out;
}

}  // namespace rc
