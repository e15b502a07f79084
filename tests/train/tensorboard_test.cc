// TensorBoard's event files: known bytes, and a reader of our own that checks every sum and finds every
// number.
#include "train/tensorboard.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <map>
#include <stdexcept>

#include "engine/file.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(char(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

// CRC-32C bit by bit, as its polynomial says.
uint32_t plain_crc(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFFu;
  for (const char c : bytes)
    for (int bit = 0; bit < 8; ++bit) {
      const bool one = (crc ^ uint32_t(uint8_t(c)) >> bit) & 1;
      crc = crc >> 1 ^ (one ? 0x82F63B78u : 0);
    }
  return crc ^ 0xFFFFFFFFu;
}

// A reader that takes bytes off the front and throws where they are not what they should be.
struct Bytes {
  std::string_view rest;

  std::string_view take(size_t n) {
    if (rest.size() < n) throw std::runtime_error("cut short");
    const std::string_view taken = rest.substr(0, n);
    rest.remove_prefix(n);
    return taken;
  }
  uint64_t little(size_t n) {
    uint64_t value = 0;
    const std::string_view bytes = take(n);
    for (size_t i = n; i-- > 0;) value = value << 8 | uint8_t(bytes[i]);
    return value;
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint64_t byte = little(1);
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw std::runtime_error("a varint without end");
  }
  std::string_view record() {
    const std::string_view length = rest.substr(0, 8);
    const uint64_t n = little(8);
    check_sum(length);
    const std::string_view data = take(n);
    check_sum(data);
    return data;
  }
  void check_sum(std::string_view of) {
    const uint32_t unmasked = uint32_t(little(4)) - 0xA282EAD8u;
    if ((unmasked << 15 | unmasked >> 17) != plain_crc(of)) throw std::runtime_error("a wrong sum");
  }
};

struct Event {
  double wall_time = NAN;
  int64_t step = 0;
  std::string version;
  int64_t session = 0;
  std::map<std::string, float> scalars;
};

// Calls `field(number, integer, bytes)` for each field.
template <class Field>
void read_message(std::string_view wire, Field field) {
  for (Bytes bytes{wire}; !bytes.rest.empty();) {
    const uint64_t tag = bytes.varint();
    switch (tag & 7) {
      case 0:
        field(tag >> 3, bytes.varint(), std::string_view());
        break;
      case 1:
        field(tag >> 3, bytes.little(8), std::string_view());
        break;
      case 2: {
        const uint64_t n = bytes.varint();
        field(tag >> 3, uint64_t(0), bytes.take(n));
        break;
      }
      case 5:
        field(tag >> 3, bytes.little(4), std::string_view());
        break;
      default:
        throw std::runtime_error("an unknown wire type");
    }
  }
}

std::vector<Event> read_events(const std::string& file) {
  std::vector<Event> events;
  for (Bytes bytes{file}; !bytes.rest.empty();) {
    Event& event = events.emplace_back();
    read_message(bytes.record(), [&](uint64_t number, uint64_t integer, std::string_view inner) {
      if (number == 1) event.wall_time = std::bit_cast<double>(integer);
      if (number == 2) event.step = int64_t(integer);
      if (number == 3) event.version = inner;
      if (number == 7)
        read_message(inner, [&](uint64_t n, uint64_t value, std::string_view) {
          if (n == 1) event.session = int64_t(value);
        });
      if (number == 5)
        read_message(inner, [&](uint64_t, uint64_t, std::string_view value) {
          std::string tag;
          float simple = NAN;
          read_message(value, [&](uint64_t n, uint64_t bits, std::string_view text) {
            if (n == 1) tag = text;
            if (n == 2) simple = std::bit_cast<float>(uint32_t(bits));
          });
          event.scalars[tag] = simple;
        });
    });
  }
  return events;
}

// Sets SOURCE_DATE_EPOCH, or takes it away, for as long as it lives.
struct Epoch {
  explicit Epoch(const char* value) {
    value ? ::setenv("SOURCE_DATE_EPOCH", value, 1) : ::unsetenv("SOURCE_DATE_EPOCH");
  }
  ~Epoch() { ::unsetenv("SOURCE_DATE_EPOCH"); }
};

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("TensorBoard: the check sum of RFC 3720, and the bytes that TensorFlow writes") {
    CHECK(crc32c("123456789") == 0xE3069283u);
    CHECK(crc32c("") == 0);
    CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAu);
    CHECK(crc32c(std::string(32, '\xff')) == 0x62A8AB43u);
    CHECK(crc32c("123456789") == plain_crc("123456789"));
    CHECK(file_version_event(0) == from_hex("1800000000000000a37f4b22"
                                            "0900000000000000001a0d627261696e2e4576656e743a32"
                                            "eedf28a3"));
    CHECK(scalars_event(0, 10, {{"train/loss", 0.5}}) ==
          from_hex("200000000000000029eda950"
                   "090000000000000000100a2a130a110a0a747261696e2f6c6f7373150000003f"
                   "747a4771"));
  }

  TEST_CASE("TensorBoard: a file reads back, number by number") {
    const TemporaryFolder folder;
    const Epoch none(nullptr);
    EventFile file(folder.path(), std::nullopt);
    CHECK_FALSE(file.reproducible());
    for (int64_t step = 0; step < 300; step += 100)
      file.add(step, {{"train/loss", 1.0 / double(step + 3)}, {"val/auc", step == 100 ? NAN : 0.75}});
    file.add(300, {{"val/auc", INFINITY}});  // nothing is left of it

    const auto files = files_in(folder.path());
    REQUIRE(files.size() == 1);
    const std::string name = files[0].filename().string();
    CHECK(name.starts_with("events.out.tfevents.1"));
    CHECK(name.size() > "events.out.tfevents.1600000000."s.size());
    const std::string bytes = read_file(files[0]);
    const auto events = read_events(bytes);
    REQUIRE(events.size() == 4);
    CHECK(events[0].version == "brain.Event:2");
    for (size_t i = 1; i < 4; ++i) {
      const int64_t step = int64_t(i - 1) * 100;
      CHECK(events[i].step == step);
      CHECK(events[i].wall_time > 1.6e9);
      CHECK(events[i].wall_time >= events[i - 1].wall_time);
      CHECK(events[i].scalars.at("train/loss") == float(1.0 / double(step + 3)));
      CHECK(events[i].scalars.count("val/auc") == (step == 100 ? 0 : 1));
    }
    for (size_t at = 0; at < bytes.size(); at += 7) {  // planted: a flipped bit never goes unseen
      std::string damaged = bytes;
      damaged[at] = char(damaged[at] ^ 4);
      CHECK_THROWS_AS(read_events(damaged), std::runtime_error);
    }
  }

  TEST_CASE("TensorBoard: a resumed run's file comes after, and voids later steps alone") {
    const TemporaryFolder folder;
    const Epoch set("1700000000");
    const auto write = [&] {
      EventFile first(folder.path(), std::nullopt);
      CHECK(first.reproducible());
      first.add(7, {{"train/loss", 1}});
      EventFile(folder.path(), 7).add(8, {{"train/loss", 2}});
    };
    write();
    const auto files = files_in(folder.path());
    REQUIRE(files.size() == 2);
    CHECK(files[0].filename().string().starts_with("events.out.tfevents.1700000000."));
    const auto resumed = read_events(read_file(files[1]));
    REQUIRE(resumed.size() == 3);
    CHECK(resumed[0].version == "brain.Event:2");
    CHECK(resumed[1].session == 1);
    CHECK(resumed[1].step == 8);  // the event of step 7 stays
    CHECK(resumed[2].wall_time == 1700000008);

    const std::string before = read_file(files[0]) + read_file(files[1]);
    for (const fs::path& file : files) fs::remove(file);
    write();
    CHECK(before == read_file(files[0]) + read_file(files[1]));
  }
}

}  // namespace rc
