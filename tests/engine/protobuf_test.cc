#include "engine/protobuf.h"

#include <doctest/doctest.h>

namespace rc {

using namespace std::string_literals;

TEST_SUITE("unit") {
  TEST_CASE("Protocol Buffers' messages have the bytes of its documentation") {
    const auto integer = [](uint32_t field, int64_t value) {
      Message m;
      m.add_integer(field, value);
      return m;
    };
    CHECK(integer(1, 0).wire() == "\x08\x00"s);
    CHECK(integer(1, 127).wire() == "\x08\x7f"s);
    CHECK(integer(1, 150).wire() == "\x08\x96\x01"s);  // the documentation's example
    CHECK(integer(1, -2).wire() == "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"s);
    CHECK(integer(20, 7).wire() == "\xa0\x01\x07"s);  // a field above 15 takes two bytes

    Message text;
    text.add_bytes(2, "testing");
    CHECK(text.wire() == "\x12\x07testing"s);
    Message number;
    number.add_float(2, 0.5f);
    CHECK(number.wire() == "\x15\x00\x00\x00\x3f"s);
    Message precise;
    precise.add_double(1, -0.1);
    CHECK(precise.wire() == "\x09\x9a\x99\x99\x99\x99\x99\xb9\xbf"s);
    Message outer;
    outer.add_message(3, integer(1, 150));
    outer.add_message(3, Message());
    CHECK(outer.wire() == "\x1a\x03\x08\x96\x01\x1a\x00"s);
    Message twice;
    twice.add_bytes(1, std::string(300, 'x'));
    CHECK(twice.wire().substr(0, 3) == "\x0a\xac\x02"s);
    CHECK(twice.wire().size() == 303);
  }
}

}  // namespace rc
