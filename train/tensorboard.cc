#include "train/tensorboard.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "engine/error.h"
#include "engine/protobuf.h"

namespace rc {
namespace {

constexpr std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
    table[byte] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = crc_table();

template <class Integer>
std::string little_endian(Integer value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof value; ++i) bytes.push_back(char(value >> (8 * i)));
  return bytes;
}

std::string masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return little_endian((crc >> 15 | crc << 17) + 0xA282EAD8u);
}

// Fields of Event, Summary, Summary.Value and SessionLog.
enum EventField : uint32_t { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7 };
enum SummaryField : uint32_t { kValue = 1 };
enum ValueField : uint32_t { kTag = 1, kSimpleValue = 2 };
enum SessionField : uint32_t { kStatus = 1 };
constexpr int64_t kStart = 1;

Message event_at(double wall_time) {
  Message event;
  event.add_double(kWallTime, wall_time);
  return event;
}

std::optional<int64_t> source_date_epoch() {
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  if (!text) return std::nullopt;
  const std::string_view digits = text;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value < 0) return std::nullopt;
  return value;
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] ? name : "localhost";
}

std::string digits(int64_t value, size_t width) {
  const std::string text = std::to_string(value);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (const char c : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ uint8_t(c)) & 255];
  return ~crc;
}

std::string tf_record(std::string_view bytes) {
  const std::string length = little_endian(uint64_t(bytes.size()));
  return length + masked_crc(length) + std::string(bytes) + masked_crc(bytes);
}

std::string file_version_event(double wall_time) {
  Message event = event_at(wall_time);
  event.add_bytes(kFileVersion, "brain.Event:2");
  return tf_record(event.wire());
}

std::string scalars_event(double wall_time, int64_t step, const Scalars& scalars) {
  Message summary;
  for (const auto& [tag, number] : scalars) {
    Message value;
    value.add_bytes(kTag, tag);
    value.add_float(kSimpleValue, float(number));
    summary.add_message(kValue, value);
  }
  Message event = event_at(wall_time);
  event.add_integer(kStep, step);
  event.add_message(kSummary, summary);
  return tf_record(event.wire());
}

std::string session_start_event(double wall_time, int64_t step) {
  Message session;
  session.add_integer(kStatus, kStart);
  Message event = event_at(wall_time);
  event.add_integer(kStep, step);
  event.add_message(kSessionLog, session);
  return tf_record(event.wire());
}

EventFile::EventFile(const std::filesystem::path& folder, std::optional<int64_t> resumed_after)
    : epoch_(source_date_epoch()) {
  const int64_t step = resumed_after.value_or(0);
  // TensorBoard reads the files of a folder in the order of their names.
  file_ = folder / ("events.out.tfevents." + digits(int64_t(time_of(step)), 10) + "." + host_name() +
                    (resumed_after ? "." + digits(step, 10) : ""));
  append(file_version_event(time_of(step)));
  if (resumed_after) append(session_start_event(time_of(step + 1), step + 1));
}

void EventFile::add(int64_t step, const Scalars& scalars) {
  Scalars finite;
  for (const auto& scalar : scalars)
    if (std::isfinite(scalar.second)) finite.push_back(scalar);
  if (!finite.empty()) append(scalars_event(time_of(step), step, finite));
}

double EventFile::time_of(int64_t step) const {
  if (epoch_) return double(*epoch_ + step);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

void EventFile::append(const std::string& bytes) {
  std::ofstream out(file_, std::ios::binary | std::ios::app);
  out.write(bytes.data(), std::streamsize(bytes.size()));
  out.close();
  if (!out)
    throw Error(Exit::data, "cannot write " + file_.string(), "",
                "make room, choose another folder with -o, or --no-tb");
}

}  // namespace rc
