// NumPy's archives, and ZIP files that lie.
#include "model/weights/npz.h"

#include "model/weights/safetensors.h"
#include "model/weights/weight_file.h"
#include "model/weights/zip.h"
#include "tests/data/fixtures.h"
#include "tests/model/weights/known_tensors.h"

namespace rc {
namespace {

std::string refusal(const std::string& bytes) {
  return error_of(Exit::data, [&] { decode_weights(bytes, "x.npz"); });
}

TensorFile all_types() {
  TensorFile file;
  file.tensors = {{"layer.0.weight", StoredType::f32, {2, 1}, "01234567"},
                  {"b", StoredType::bf16, {2}, "0123"},
                  {"h", StoredType::f16, {1}, "01"},
                  {"d", StoredType::f64, {}, "01234567"},
                  {"n", StoredType::i64, {}, "01234567"},
                  {"u", StoredType::u64, {1}, "01234567"},
                  {"i", StoredType::i32, {1}, "0123"},
                  {"v", StoredType::u32, {1}, "0123"},
                  {"s", StoredType::i16, {1}, "01"},
                  {"t", StoredType::u16, {1}, "01"},
                  {"c", StoredType::i8, {1}, "0"},
                  {"y", StoredType::u8, {1}, "0"},
                  {"o", StoredType::boolean, {2}, std::string("\0\1", 2)},
                  {"none", StoredType::f32, {0, 3}, ""}};
  file.metadata = {{"format", "pt"}, {"of", "\"all\" types, α"}};
  return file;
}

// The archive with `with` (of the same length) in the place of the last `text`.
std::string replaced(std::string bytes, const std::string& text, const std::string& with) {
  const size_t at = bytes.rfind(text);
  REQUIRE(at != bytes.npos);
  return bytes.replace(at, with.size(), with);
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("npz: what NumPy wrote, stored and deflated") {
    const golden::Json known = golden::load("weights")["numpy"];
    for (const char* name : {"arrays.npz", "deflated.npz"}) {
      CAPTURE(name);
      check_tensors(read_weights(std::string("tests/golden/weights/") + name), known);
    }
  }

  TEST_CASE("npz: safetensors -> npz -> safetensors is the same bytes, metadata among them") {
    const std::string bytes = encode_safetensors(all_types());
    const std::string npz = encode_npz(decode_safetensors(bytes, "a"));
    CHECK(encode_safetensors(decode_weights(npz, "b")) == bytes);
    CHECK(encode_npz(decode_weights(npz, "b")) == npz);
    TensorFile bare = all_types();
    bare.metadata.clear();
    CHECK(encode_safetensors(decode_weights(encode_npz(bare), "b")) == encode_safetensors(bare));
    CHECK(decode_weights(encode_npz({}), "empty").tensors.empty());
  }

  TEST_CASE("npz: refused with a reason") {
    const std::string good = encode_npz({{{"weight", StoredType::f32, {2}, "01234567"}}, {}, {}});
    CHECK(decode_weights(good, "x").tensors.size() == 1);
    CHECK(contains(refusal(replaced(good, "weight.npy", "weight.txt")), "is no array"));
    CHECK(contains(refusal(replaced(good, "weight.npy", "w\xffight.npy")), "is no array"));
    CHECK(contains(refusal(replaced(good, "01234567", "01234568")), "its checksum is another"));
    CHECK(contains(refusal(good.substr(0, good.size() - 1)), "cut off"));
    const auto entry = [](const std::string& array) { return refusal(encode_zip({{"a.npy", array}})); };
    CHECK(contains(entry("nothing"), "not an .npy file"));
    const std::string header = good.substr(good.find("\x93NUMPY"), 128);
    CHECK(contains(entry(header + "0123"), "does not have its 4 bytes"));
    CHECK(contains(entry(replaced(header, "<f4", "|O1") + "01234567"), "not a plain number"));
    CHECK(contains(entry(replaced(header, "<f4", "<c8") + "01234567"), "not a plain number"));
    CHECK(contains(refusal(encode_zip({{"__metadata__.npy", header + "01234567"}})), "no object of texts"));
    CHECK(contains(refusal(encode_zip({{"a.npy", header + "01234567"}, {"a.npy", header + "01234567"}})),
                   "twice"));
  }

  TEST_CASE("zip: directories that lie") {
    const std::string good = encode_zip({{"a.npy", "0123"}});
    const size_t central = good.find("PK\x01\x02"), end = good.find("PK\x05\x06");
    const auto with = [&](size_t at, const std::string& bytes) {
      std::string changed = good;
      return changed.replace(at, bytes.size(), bytes);
    };
    const std::string most(4, '\xff');
    CHECK(contains(refusal(with(central + 8, "\x01")), "encrypted"));
    CHECK(contains(refusal(with(central + 10, "\x0c")), "packed by method 12"));
    CHECK(contains(refusal(with(central + 24, "\x05")), "two sizes"));
    CHECK(contains(refusal(with(central + 20, std::string("\x90\0\0\0\x90", 5))), "beyond its end"));
    CHECK(contains(refusal(with(central + 42, "\x01")), "no header where"));
    CHECK(contains(refusal(with(central + 42, std::string("\xf0\xff\xff\x7f", 4))), "beyond its end"));
    CHECK(contains(refusal(with(central + 28, "\xff")), "directory is damaged"));
    CHECK(contains(refusal(with(end + 10, "\x02")), "directory is damaged"));
    CHECK(contains(refusal(with(end + 12, "\xff")), "beyond its end"));
    CHECK(contains(refusal(with(end + 16, most)), "ZIP64 locator is missing"));
    // Claimed to be deflated into far more than so few bytes can hold.
    CHECK(contains(refusal(with(central + 10, std::string("\x08\0\0\0\0\0", 6))), "damaged"));
    std::string bomb = with(central + 10, std::string("\x08", 1));
    CHECK(
        contains(refusal(bomb.replace(central + 24, 4, std::string("\xf0\xff\xff\xff", 4))), "cannot hold"));
    // Two entries of the same bytes.
    const std::string directory = good.substr(central, end - central);
    std::string twin = directory;
    twin[46] = 'b';
    std::string tail = good.substr(end);
    tail[8] = tail[10] = 2, tail[12] = char(2 * directory.size());
    std::string shared = good.substr(0, central) + directory + twin + tail;
    CHECK(
        contains(refusal(shared), "not an .npy file"));  // harmless while they are fewer bytes than the file
    std::string many = good.substr(0, central);
    for (char c = 'a'; c <= 'z'; ++c) twin[46] = c, many += twin;
    CHECK(contains(refusal(many), "no directory"));
  }

  TEST_CASE("zip: ZIP64, where sizes and offsets have 64 bits") {
    const std::string array = "\x93NUMPY" + std::string("\1\0", 2);
    const std::string good = encode_zip({{"a.npy", array}});
    const size_t central = good.find("PK\x01\x02"), end = good.find("PK\x05\x06");
    const auto number = [](uint64_t value, size_t size) {
      std::string bytes;
      for (size_t i = 0; i < size; ++i) bytes += char(value >> (8 * i) & 255);
      return bytes;
    };
    std::string entry = good.substr(central, end - central);
    entry.replace(20, 8, std::string(8, '\xff')).replace(42, 4, std::string(4, '\xff'));
    entry.replace(30, 2, number(28, 2));
    entry += number(1, 2) + number(24, 2) + number(array.size(), 8) + number(array.size(), 8) + number(0, 8);
    const auto archive = [&](const std::string& directory, uint64_t entries) {
      const std::string record = "PK\x06\x06" + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 8) +
                                 number(entries, 8) + number(entries, 8) + number(directory.size(), 8) +
                                 number(central, 8);
      return good.substr(0, central) + directory + record + "PK\x06\x07" + number(0, 4) +
             number(central + directory.size(), 8) + number(1, 4) + "PK\x05\x06" + number(0, 4) +
             std::string(12, '\xff') + number(0, 2);
    };
    const std::string bytes = archive(entry, 1);
    const Zip zip(bytes, "x");
    std::string room;
    CHECK(zip.names() == std::vector<std::string>{"a.npy"});
    CHECK(zip.read("a.npy", room) == array);
    const auto refused = [&](const std::string& text) {
      return error_of(Exit::data, [&] { Zip(text, "x"); });
    };
    CHECK(contains(refused(archive(entry.substr(0, entry.size() - 28), 1)), "directory is damaged"));
    CHECK(contains(refused(archive(entry, uint64_t(-1))), "directory is damaged"));
    std::string huge = entry;
    huge.replace(huge.size() - 8, 8, std::string(8, '\xff'));
    CHECK(contains(refused(archive(huge, 1)), "beyond its end"));
  }

  TEST_CASE(
      "npz: cut off at every length, or with any byte changed, an archive is refused or read, never more") {
    for (const std::string& good :
         {encode_npz(all_types()), read_file("tests/golden/weights/deflated.npz")}) {
      for (size_t length = 0; length < good.size(); ++length) refusal(good.substr(0, length));
      const auto survive = [](const std::string& bytes) {
        try {
          decode_weights(bytes, "x");
        } catch (const Error& e) {
          REQUIRE(e.code() == Exit::data);
        }
      };
      for (size_t at = 0; at < good.size(); ++at)
        for (const int flip : {1, 128, 255}) {
          std::string bytes = good;
          bytes[at] = char(bytes[at] ^ flip);
          survive(bytes);
        }
      for (uint32_t round = 0; round < 4000; ++round) {
        Rng rng(2, Purpose::test, round);
        survive(mutate(good, rng));
      }
    }
  }
}

}  // namespace rc
