// Files that PyTorch wrote, and what no file may do to their reader.
#include "model/weights/pytorch.h"

#include "model/weights/safetensors.h"
#include "model/weights/weight_file.h"
#include "tests/data/fixtures.h"
#include "tests/model/weights/known_tensors.h"

namespace rc {
namespace {

std::string golden_bytes(const std::string& name) { return read_file("tests/golden/weights/" + name); }

std::string refusal(const std::string& bytes, const WeightsPart& part = {}) {
  return error_of(Exit::data, [&] { decode_weights(bytes, "x.pth", part); });
}

// A file of the old format with that pickle and no storages.
std::string legacy_of(const std::string& object, const std::string& rest = "\x80\x02].") {
  return std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15) + "\x80\x02M\xe9\x03." +
         "\x80\x02}U\rlittle_endian\x88s." + object + rest;
}

std::string little(uint64_t value, size_t size) {
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes += char(value >> (8 * i) & 255);
  return bytes;
}
std::string text(const std::string& s) { return "X" + little(s.size(), 4) + s; }
std::string integer(uint64_t value) { return "\x8a\x08" + little(value, 8); }

// {"w": a tensor of a storage "0" of two floats}, all numbers as given.
std::string tensor_file(uint64_t count, uint64_t offset, const std::string& shape, const std::string& stride,
                        uint64_t stored = 2, const std::string& storage = "torch\nFloatStorage\n") {
  const std::string id =
      "(" + text("storage") + "c" + storage + text("0") + text("cpu") + integer(count) + "NtQ";
  const std::string call =
      "ctorch._utils\n_rebuild_tensor_v2\n(" + id + integer(offset) + shape + stride + "\x89" + "}tR";
  return legacy_of("\x80\x02}" + text("w") + call + "s.",
                   "\x80\x02]" + text("0") + "a." + little(stored, 8) + std::string("\0\0\x80?\0\0\0@", 8));
}

// Every result is a clean one.
void survive(const std::string& bytes) {
  for (const bool everything : {false, true}) try {
      decode_weights(bytes, "x", {.everything = everything});
    } catch (const Error& e) {
      REQUIRE((e.code() == Exit::data || e.code() == Exit::usage));
    }
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("pytorch: both formats hold what PyTorch put into them") {
    const golden::Json known = golden::load("weights");
    for (const char* name : {"checkpoint.pth", "legacy.pth", "plain.pth"}) {
      CAPTURE(name);
      const TensorFile file = read_weights(std::string("tests/golden/weights/") + name);
      check_tensors(file, known["pytorch"]);
    }
  }

  TEST_CASE("pytorch: what lies beside the weights is told or left, and never run") {
    for (const char* name : {"checkpoint.pth", "legacy.pth"}) {
      CAPTURE(name);
      const TensorFile file = decode_weights(golden_bytes(name), name);
      CHECK(file.metadata.at("epoch") == "3");
      CHECK(file.metadata.at("arch") == "tiny");
      CHECK(file.metadata.at("best") == "0.75");
      REQUIRE(file.warnings.size() == 2);
      CHECK(contains(file.warnings[0], "--state-key state_dict_ema"));
      CHECK(contains(file.warnings[1], "refuses to unpickle global \"argparse Namespace\" at key \"opt\""));
      const TensorFile average = decode_weights(golden_bytes(name), name, {.state_key = "state_dict_ema"});
      REQUIRE(average.tensors.size() == 1);
      CHECK(average.tensors[0].name == "w");
      const TensorFile all = decode_weights(golden_bytes(name), name, {.everything = true});
      CHECK(all.find("state_dict.conv.weight"));
      CHECK(all.find("optimizer.state.0.exp_avg"));
      CHECK(all.find("optimizer.state.1.exp_avg_sq"));
      CHECK(contains(refusal(golden_bytes(name), {.state_key = "opt"}), "argparse Namespace"));
      CHECK(contains(refusal(golden_bytes(name), {.state_key = "weights"}),
                     "tensors lie under --state-key state_dict or state_dict_ema"));
      CHECK(contains(refusal(golden_bytes(name), {.state_key = "epoch"}), "no tensor"));
    }
    CHECK(contains(refusal(golden_bytes("module.pth")),
                   "refuses to unpickle global \"torch.nn.modules.linear Linear\""));
    CHECK(contains(refusal(golden_bytes("module.pth")), "torch.save(net.state_dict()"));
    const std::string forbidden = refusal(golden_bytes("forbidden.pth"));
    CHECK(contains(forbidden, "refuses to unpickle global \"posix system\""));
    CHECK(contains(forbidden, "key \"evil\""));
    CHECK_FALSE(std::filesystem::exists("unpickled"));
  }

  TEST_CASE("pytorch: a hand-made tensor, and those that leave their storage") {
    const std::string two = "(K\x02t", one = "(K\x01t";
    const TensorFile file = decode_weights(tensor_file(2, 0, two, one), "x");
    REQUIRE(file.tensors.size() == 1);
    CHECK(element(file.tensors[0], 0) == 1);
    CHECK(element(file.tensors[0], 1) == 2);
    CHECK(element(decode_weights(tensor_file(2, 1, one, "(K\x7ft"), "x").tensors[0], 0) ==
          2);  // one element: any stride
    CHECK(element(decode_weights(tensor_file(2, 0, two, "(K" + std::string(1, '\0') + "t"), "x").tensors[0],
                  1) == 1);

    CHECK(contains(refusal(tensor_file(2, 1, two, one)), "outside of its storage"));
    CHECK(contains(refusal(tensor_file(1, 0, two, one)), "outside of its storage"));
    CHECK(contains(refusal(tensor_file(3, 0, "(K\x03t", one)), "outside of its storage"));
    CHECK(contains(refusal(tensor_file(2, 0, two, "(" + integer(uint64_t(1) << 62) + "t")),
                   "outside of its storage"));
    CHECK(contains(refusal(tensor_file(2, uint64_t(INT64_MAX), two, one)), "outside of its storage"));
    CHECK(contains(
        refusal(tensor_file(2, 0, "(" + integer(uint64_t(1) << 40) + "t", "(K" + std::string(1, '\0') + "t")),
        "larger than its file allows"));
    CHECK(contains(refusal(tensor_file(2, 0, "(" + integer(1u << 31) + integer(1u << 31) + "t", "(NNt")),
                   "damaged"));
    CHECK(contains(refusal(tensor_file(2, 0, "(" + integer(uint64_t(-2)) + "t", one)), "damaged"));
    CHECK(contains(refusal(tensor_file(2, uint64_t(-1), two, one)), "damaged"));
    CHECK(contains(refusal(tensor_file(2, 0, two, "(K\x01K\x01t")), "damaged"));
    CHECK(contains(refusal(tensor_file(2, 0, two, one, 3)), "cut off"));
    CHECK(contains(refusal(tensor_file(2, 0, two, one, uint64_t(-1))), "cut off"));
    CHECK(contains(refusal(tensor_file(2, 0, two, one, 1)), "bytes follow"));
    CHECK(contains(refusal(tensor_file(2, 0, two, one, 2, "torch\nQInt8Storage\n")),
                   "global \"torch QInt8Storage\""));
  }

  TEST_CASE("pytorch: pickles that are broken or ask for too much") {
    const auto pickle = [](const std::string& body) { return refusal(legacy_of("\x80\x02" + body)); };
    CHECK(contains(pickle("}."), "no tensor"));
    CHECK(contains(pickle("0."), "opcode 48"));                       // POP
    CHECK(contains(pickle("\x93."), "opcode 147"));                   // STACK_GLOBAL
    CHECK(contains(pickle("(i__builtin__\neval\n."), "opcode 105"));  // INST
    CHECK(contains(refusal(legacy_of("\x80\x04}.")), "protocol above 2"));
    for (const char* broken :
         {".", "(.", "}K\x01.", "t.", "(t\x85\x85\x86.", "R.", "}}R.", "NQ.", "h\x07.", "q\x01.", "}(K\x01u.",
          "]Ns.", "Nb.", "(NtQ.", "ccollections\nOrderedDict\n(NtR."}) {
      CAPTURE(broken);
      CHECK(contains(pickle(broken), "damaged"));
    }
    CHECK(contains(pickle("X\xff\xff\xff\xff."), "cut off"));
    CHECK(contains(pickle("cos\nsystem"), "cut off"));
    CHECK(contains(pickle("cos\nsystem\n(X\x02" + std::string(3, '\0') + "ls\x85R."),
                   "damaged"));  // a mark is left
    CHECK(contains(pickle("cos\nsystem\nX\x02" + std::string(3, '\0') + "ls\x85R."),
                   "refuses to unpickle global \"os system\""));
    CHECK(contains(pickle("cbuiltins\neval\n)\x81."), "refuses to unpickle global \"builtins eval\""));
    CHECK(contains(pickle("(" + text("module") + "cnet\nNet\n" + text("net.py") + text("source") + "tQ."),
                   "refuses to unpickle global \"net Net\""));
    CHECK(contains(pickle(std::string(5'000'000, 'N') + "."), "too many values"));
    CHECK(contains(pickle(std::string(5'000'000, '(') + "."), "too many values"));
    CHECK(contains(pickle("}q\x01" + text("a") + "h\x01s."),
                   "nested too deeply"));  // a dictionary within itself
    // A list that holds the one before it twice, thirty times over: 2^30 values of a few bytes.
    std::string doubled = "]q" + std::string(1, '\0') + text("a") + "a";
    for (int i = 1; i < 30; ++i)
      doubled += "]q" + std::string(1, char(i)) + "h" + char(i - 1) + "ah" + char(i - 1) + "a";
    CHECK(contains(pickle("}" + text("x") + doubled + "s."), "damaged"));  // left on the stack below it
  }

  TEST_CASE(
      "pytorch: cut off at every length, or with any byte changed, a file is refused or read, never more") {
    for (const char* name : {"checkpoint.pth", "legacy.pth"}) {
      const std::string good = golden_bytes(name);
      for (size_t length = 0; length < good.size(); ++length) {
        CAPTURE(length);
        CHECK_THROWS_AS(decode_weights(good.substr(0, length), "x"), Error);
      }
      for (size_t at = 0; at < good.size(); ++at)
        for (const int flip : {1, 128, 255}) {
          std::string bytes = good;
          bytes[at] = char(bytes[at] ^ flip);
          survive(bytes);
        }
      for (uint32_t round = 0; round < 4000; ++round) {
        Rng rng(1, Purpose::test, round);
        survive(mutate(good, rng));
      }
    }
  }

  TEST_CASE("pytorch: a changed byte of a tensor is seen by its checksum") {
    const std::string good = golden_bytes("plain.pth");
    const size_t at = good.find(std::string("\0\0\0\xc0\0\0\xe0\xbf", 8));  // -2, -1.75
    REQUIRE(at != good.npos);
    std::string bytes = good;
    bytes[at + 2] ^= 1;
    CHECK(contains(refusal(bytes), "its checksum is another"));
  }
}

}  // namespace rc
