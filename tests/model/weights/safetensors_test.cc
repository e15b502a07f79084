// The safetensors format to the byte, and everything that its reader must refuse.
#include "model/weights/safetensors.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/error.h"
#include "engine/rng.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

std::string file_of(const std::string& header, const std::string& data = {}) {
  std::string out;
  for (int i = 0; i < 8; ++i) out.push_back(char(uint64_t(header.size()) >> (8 * i)));
  return out + header + data;
}

// Why the bytes are refused; empty where they are not.
std::string refusal(const std::string& bytes) {
  try {
    decode_safetensors(bytes, "x.safetensors");
  } catch (const Error& e) {
    CHECK(e.code() == Exit::data);
    CHECK(std::string(e.what()) == "not a valid safetensors file: x.safetensors");
    return e.where();
  }
  return {};
}

std::string entry(const std::string& name, const std::string& type, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets +
         "}";
}

const std::string kEight(8, 'x');

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("safetensors: the reference's 104 bytes") {
    const std::string bytes =
        std::string("\x58\0\0\0\0\0\0\0", 8) +
        R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   )" +
        std::string("\0\0\x80\x3f\0\0\0\xc0", 8);
    REQUIRE(bytes.size() == 104);
    const TensorFile file = decode_safetensors(bytes, "vector");
    REQUIRE(file.tensors.size() == 1);
    CHECK(file.metadata.at("format") == "pt");
    CHECK(file.tensors[0].name == "b");
    CHECK(file.tensors[0].shape == std::vector<int64_t>{2});
    CHECK(file.tensors[0].bytes == bytes.substr(96));  // 1.0f, -2.0f
    CHECK(encode_safetensors(file) == bytes);
  }

  TEST_CASE(
      "safetensors: order by alignment, then name, whatever the order given; all types, scalars, empty "
      "tensors") {
    TensorFile file;
    file.tensors = {{"u", StoredType::u8, {3}, "abc"},      {"z", StoredType::f32, {}, "0123"},
                    {"a", StoredType::f32, {2, 0}, ""},     {"n", StoredType::i64, {}, "01234567"},
                    {"i", StoredType::i32, {1, 1}, "4567"}, {"h", StoredType::bf16, {2}, "0123"}};
    file.metadata = {{"format", "pt"}, {"a", "\"quoted\" α"}};
    const std::string bytes = encode_safetensors(file);
    const TensorFile back = decode_safetensors(bytes, "all");
    std::string order;
    for (const StoredTensor& t : back.tensors) order += t.name;
    CHECK(order == "nazihu");
    CHECK(back.metadata == file.metadata);
    for (const StoredTensor& t : file.tensors) {
      const StoredTensor* found = back.find(t.name);
      REQUIRE(found != nullptr);
      CHECK(found->type == t.type);
      CHECK(found->shape == t.shape);
      CHECK(found->bytes == t.bytes);
    }
    CHECK(back.find("nothing") == nullptr);
    std::reverse(file.tensors.begin(), file.tensors.end());
    CHECK(encode_safetensors(file) == bytes);
    CHECK((8 + uint8_t(bytes[0]) + 256 * uint8_t(bytes[1])) % 8 == 0);  // the data begin aligned
  }

  TEST_CASE("safetensors: an empty file of tensors") {
    CHECK(decode_safetensors(encode_safetensors({}), "none").tensors.empty());
    CHECK(refusal(file_of("{}")).empty());
  }

  TEST_CASE("safetensors: the writer refuses what no reader would take") {
    CHECK_THROWS_AS(encode_safetensors({{{"a", StoredType::f32, {2}, "0123"}}, {}, {}}), Error);
    CHECK_THROWS_AS(
        encode_safetensors({{{"a", StoredType::u8, {1}, "0"}, {"a", StoredType::u8, {1}, "0"}}, {}, {}}),
        Error);
    CHECK_THROWS_AS(encode_safetensors({{{"__metadata__", StoredType::u8, {1}, "0"}}, {}, {}}), Error);
  }

  TEST_CASE("safetensors: what the reader must refuse, and why") {
    const auto one = [](const std::string& e, const std::string& data = kEight) {
      return refusal(file_of("{" + e + "}", data));
    };
    CHECK(one(entry("a", "F32", "[2]", "[0,8]")).empty());  // the good one that the others differ from

    CHECK(refusal("") == "it is shorter than the header's length");
    CHECK(refusal("1234567") == "it is shorter than the header's length");
    CHECK(refusal(std::string(8, '\xff')) == "the header is longer than 100000000 bytes");
    CHECK(refusal(file_of("{\"a\"").substr(0, 10)) == "it ends within the header");
    CHECK(refusal(file_of("")) == "the header does not begin with {");
    CHECK(refusal(file_of(" {}")) == "the header does not begin with {");
    CHECK(refusal(file_of("{")).find("not JSON") != std::string::npos);
    CHECK(refusal(file_of("{\"\xff\":1}")).find("not JSON") != std::string::npos);
    CHECK(refusal(file_of("{} {}")).find("not JSON") != std::string::npos);
    CHECK(refusal(file_of("{\"a\":" + std::string(100000, '['))) == "the header is nested too deeply");

    CHECK(one(entry("a", "F32", "[2]", "[8,0]")) == "\"a\": it ends before it begins");
    CHECK(one(entry("a", "F32", "[3]", "[0,8]")) == "\"a\": its shape does not have its 8 bytes");
    CHECK(one(entry("a", "F32", "[2]", "[0,8]"), "1234567") == "\"a\": it ends after the file");
    CHECK(one(entry("a", "F32", "[2]", "[0,18446744073709551615]")) == "\"a\": it ends after the file");
    CHECK(one(entry("a", "F32", "[2]", "[0,8]"), "123456789") == "the tensors end at byte 8 of 9");
    CHECK(one(entry("a", "F32", "[4294967296,4294967296]", "[0,0]")) ==
          "\"a\": its shape does not have its 0 bytes");
    CHECK(one(entry("a", "F32", "[-2]", "[0,8]")) == "\"a\": the shape is not made of sizes");
    CHECK(one(entry("a", "F32", "[2.0]", "[0,8]")) == "\"a\": the shape is not made of sizes");
    CHECK(one(entry("a", "F32", "[9223372036854775808]", "[0,8]")) ==
          "\"a\": the shape is not made of sizes");
    CHECK(one(entry("a", "F32", "2", "[0,8]")) == "\"a\": the shape is not an array");
    CHECK(one(entry("a", "F32", "[2]", "[0,8,8]")) == "\"a\": data_offsets are not two offsets");
    CHECK(one(entry("a", "F32", "[2]", "[0,-8]")) == "\"a\": data_offsets are not two offsets");
    CHECK(one(entry("a", "C64", "[1]", "[0,8]")).find("type \"C64\" is none of BOOL U8") !=
          std::string::npos);
    CHECK(one("\"a\":{\"dtype\":\"F32\",\"shape\":[2]}").find("other members") != std::string::npos);
    CHECK(one("\"a\":3").find("other members") != std::string::npos);

    const std::string first = entry("a", "F32", "[1]", "[0,4]");
    CHECK(one(first + "," + entry("b", "F32", "[1]", "[4,8]")).empty());
    CHECK(one(first + "," + entry("b", "F32", "[1]", "[3,7]")) ==
          "\"b\" does not begin where the one before it ends");
    CHECK(one(first + "," + entry("b", "U8", "[3]", "[5,8]")) ==
          "\"b\" does not begin where the one before it ends");
    CHECK(one(entry("b", "F32", "[1]", "[4,8]")) == "\"b\" does not begin where the one before it ends");
    CHECK(one(first + "," + entry("a", "F32", "[1]", "[4,8]")) == "duplicate name \"a\"");
    CHECK(one("\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}") ==
          "duplicate name \"dtype\"");
    CHECK(one("\"__metadata__\":{\"a\":1}", "") == "__metadata__ \"a\" is not a string");
    CHECK(one("\"__metadata__\":[]", "") == "__metadata__ is not an object");
  }

  TEST_CASE("safetensors: files with damaged bytes are read or refused, never more") {
    TensorFile file;
    file.tensors = {{"conv.weight", StoredType::f32, {2, 3}, std::string(24, 'w')},
                    {"bn.running_mean", StoredType::f32, {2}, std::string(8, 'm')},
                    {"bn.num_batches_tracked", StoredType::i64, {}, std::string(8, 'n')}};
    file.metadata = {{"format", "pt"}};
    const std::string good = encode_safetensors(file);
    int refused = 0;
    for (uint32_t round = 0; round < 20000; ++round) {
      Rng rng(1, Purpose::test, round);
      std::string bytes = good;
      const uint32_t edits = 1 + rng.below(4);
      for (uint32_t e = 0; e < edits; ++e) {
        const size_t at = rng.below(uint32_t(bytes.size()));
        switch (rng.below(4)) {
          case 0:
            bytes[at] = char(rng.below(256));
            break;
          case 1:
            bytes[at] = "0123456789[]{},:\""[rng.below(17)];
            break;
          case 2:
            bytes.erase(at, 1 + rng.below(8));
            break;
          default:
            bytes.insert(at, bytes.substr(rng.below(uint32_t(bytes.size())), rng.below(12)));
        }
        if (bytes.empty()) break;
      }
      try {
        const TensorFile read = decode_safetensors(bytes, "fuzz");
        size_t total = 0;
        for (const StoredTensor& t : read.tensors) total += t.bytes.size();
        CHECK(total <= bytes.size());
        decode_safetensors(encode_safetensors(read), "again");
      } catch (const Error& e) {
        REQUIRE(e.code() == Exit::data);
        ++refused;
      }
    }
    CHECK(refused > 10000);
  }

  TEST_CASE("safetensors: through a file") {
    const TemporaryFolder folder;
    const TensorFile file{{{"a", StoredType::u8, {2}, "hi"}}, {}, {}};
    write_safetensors(folder / "m.safetensors", file);
    CHECK(read_safetensors(folder / "m.safetensors").tensors[0].bytes == "hi");
    CHECK_THROWS_AS(read_safetensors(folder / "none.safetensors"), Error);
  }
}

}  // namespace rc
