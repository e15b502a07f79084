#include "data/npy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "tests/data/fixtures.h"

namespace rc {
namespace {

// An .npy file of any header and data, as NumPy lays it out.
std::string npy_of(const std::string& header, const std::string& data, int version = 1) {
  const std::string text = header + "\n";
  std::string bytes = "\x93NUMPY";
  bytes += char(version), bytes += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) bytes += char(text.size() >> (8 * i) & 255);
  return bytes + text + data;
}

std::string header_of(const std::string& type, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }";
}

template <class T>
std::string bytes_of(const std::vector<T>& values, bool swap = false) {
  std::string bytes;
  for (const T value : values) {
    std::array<char, sizeof(T)> raw;
    std::memcpy(raw.data(), &value, sizeof value);
    if (swap) std::reverse(raw.begin(), raw.end());
    bytes.append(raw.data(), raw.size());
  }
  return bytes;
}

template <class T>
void check_type(const std::string& code, const std::vector<T>& values) {
  CAPTURE(code);
  const std::string shape = "(" + std::to_string(values.size()) + ",)";
  const std::vector<double> wanted(values.begin(), values.end());
  for (const bool big : {false, true}) {
    const std::string bytes = npy_of(header_of((big ? ">" : "<") + code, shape), bytes_of(values, big));
    CHECK(decode_npy(bytes, "x").values == wanted);
  }
}

std::string refusal(const std::string& bytes) {
  return error_of(Exit::data, [&] { decode_npy(bytes, "a.npy"); });
}

TEST_SUITE("unit") {
  TEST_CASE("npy: what is written is what NumPy writes, and reads back") {
    const std::vector<float> values{1, -2.5f, 3e-40f, std::numeric_limits<float>::infinity(), 0, 7};
    const std::string bytes = encode_npy(values, std::array<int64_t, 2>{3, 2});
    const std::string start = "\x93NUMPY\x01" + std::string(1, '\0') + "\x76" + std::string(1, '\0') +
                              "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }";
    CHECK(bytes.substr(0, start.size()) == start);
    CHECK(bytes[127] == '\n');
    CHECK(bytes.size() == 128 + 24);
    const NpyArray array = decode_npy(bytes, "x");
    CHECK(array.shape == std::vector<int64_t>{3, 2});
    CHECK(array.values == std::vector<double>(values.begin(), values.end()));
  }

  TEST_CASE("npy: one dimension, none, and no values") {
    const std::vector<float> one{5};
    CHECK(contains(encode_npy(one, std::array<int64_t, 1>{1}), "'shape': (1,), }"));
    const NpyArray scalar = decode_npy(encode_npy(one, {}), "x");
    CHECK(scalar.shape.empty());
    CHECK(scalar.values == std::vector<double>{5});
    CHECK(decode_npy(encode_npy({}, std::array<int64_t, 2>{0, 2}), "x").values.empty());
  }

  TEST_CASE("npy: every number type, in both byte orders") {
    check_type<float>("f4", {0, -1.5f, 3.25f});
    check_type<double>("f8", {0, 1e300, -0.1});
    check_type<int8_t>("i1", {-128, 127});
    check_type<uint8_t>("u1", {0, 255});
    check_type<int16_t>("i2", {-32768, 32767});
    check_type<int32_t>("i4", {-2147483647, 5});
    check_type<int64_t>("i8", {int64_t(1) << 53, -3});
    check_type<uint8_t>("b1", {0, 1});
    const std::vector<uint16_t> halves{0x3C00, 0xC100, 0x0001, 0x7C00};  // 1, -2.5, the smallest, infinity
    const NpyArray array = decode_npy(npy_of(header_of("<f2", "(4,)"), bytes_of(halves)), "x");
    CHECK(array.values == std::vector<double>{1, -2.5, 0x1p-24, HUGE_VAL});
  }

  TEST_CASE("npy: Fortran order, keys in any order, version 2") {
    const std::string data = bytes_of<float>({0, 3, 1, 4, 2, 5});
    CHECK(decode_npy(npy_of(header_of("<f4", "(2, 3)", true), data), "x").values ==
          std::vector<double>{0, 1, 2, 3, 4, 5});
    const std::string header = "{\"shape\": (2,3), \"fortran_order\": False, \"descr\": \"<f4\"}   ";
    CHECK(decode_npy(npy_of(header, data, 2), "x").shape == std::vector<int64_t>{2, 3});
  }

  TEST_CASE("npy: refused with a reason") {
    const std::string four = bytes_of<float>({1});
    CHECK(contains(refusal("no array"), "not an .npy file"));
    CHECK(contains(refusal(npy_of(header_of("<f4", "(1,)"), four, 9)), "version 9"));
    CHECK(contains(refusal(npy_of(header_of("|O", "(1,)"), four)), "not a plain number"));
    CHECK(contains(refusal(npy_of(header_of("<c8", "(1,)"), four)), "not a plain number"));
    CHECK(contains(refusal(npy_of(header_of("<f4", "(2,)"), four)), "needs 8 bytes, it has 4"));
    CHECK(contains(refusal(npy_of(header_of("<f4", "(-1,)"), four)), "no number"));
    CHECK(contains(refusal(npy_of(header_of("<f4", "(99999999999999999999,)"), four)), "too large"));
    CHECK(contains(refusal(npy_of(header_of("<f4", "(1000000000, 1000000000, 1000000000)"), four)),
                   "more than"));
    CHECK(contains(refusal(npy_of("{'descr': '<f4', 'shape': (1,), }", four)), "not complete"));
    CHECK(contains(refusal(npy_of("{'descr': '<f4', 'evil': (1,), }", four)), "unexpected key"));
    CHECK(contains(refusal(npy_of(header_of("<i8", "(1,)"), bytes_of<int64_t>({int64_t(1) << 60}))), "2^53"));
  }

  TEST_CASE("npy: no damage is worse than an error") {
    const std::string good = encode_npy(std::vector<float>(136, 1.5f), std::array<int64_t, 2>{68, 2});
    for (size_t length = 0; length < good.size(); ++length) refusal(good.substr(0, length));
    Rng rng(1, Purpose::test);
    for (int i = 0; i < 4000; ++i) try {
        decode_npy(mutate(good.substr(0, 160), rng), "x", 1 << 16);
      } catch (const Error& error) {
        CHECK(error.code() == Exit::data);
      }
  }
}

}  // namespace
}  // namespace rc
