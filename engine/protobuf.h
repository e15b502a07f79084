// Protocol Buffers' wire format, written by hand: what a message of a known schema is in bytes
// (protobuf.dev, "Encoding"). Fields stand in the order in which they are added.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace rc {

class Message {
 public:
  void add_integer(uint32_t field, int64_t value) {  // int32, int64, enum, bool
    tag(field, kVarint);
    varint(uint64_t(value));
  }
  void add_float(uint32_t field, float value) {
    tag(field, kFixed32);
    fixed(value, uint32_t());
  }
  void add_double(uint32_t field, double value) {
    tag(field, kFixed64);
    fixed(value, uint64_t());
  }
  void add_bytes(uint32_t field, std::string_view bytes) {  // string, bytes
    tag(field, kLengthDelimited);
    varint(bytes.size());
    wire_ += bytes;
  }
  void add_message(uint32_t field, const Message& message) { add_bytes(field, message.wire_); }

  const std::string& wire() const { return wire_; }

 private:
  enum Type : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

  void tag(uint32_t field, Type type) { varint(field << 3 | type); }
  template <class Number, class Bits>
  void fixed(Number value, Bits bits) {  // little-endian
    static_assert(sizeof value == sizeof bits);
    std::memcpy(&bits, &value, sizeof bits);
    for (size_t i = 0; i < sizeof bits; ++i) wire_.push_back(char(bits >> (8 * i)));
  }
  void varint(uint64_t value) {  // seven bits a byte, the lowest first
    for (; value >= 128; value >>= 7) wire_.push_back(char(value | 128));
    wire_.push_back(char(value));
  }

  std::string wire_;
};

}  // namespace rc
