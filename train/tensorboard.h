// Event files of TensorBoard: numbers over steps, in TFRecord frames of the Event message
// (tensorflow/core/util/event.proto), written without TensorFlow.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rc {

// CRC-32C (Castagnoli, 0x1EDC6F41 reflected), as of iSCSI (RFC 3720): "123456789" gives 0xE3069283.
uint32_t crc32c(std::string_view bytes);

// A frame of TFRecord: length u64, masked CRC of those 8 bytes, the bytes, their masked CRC; little-endian.
// The mask is a rotation to the right by 15 bits and the sum with 0xA282EAD8.
std::string tf_record(std::string_view bytes);

using Scalars = std::vector<std::pair<std::string, double>>;  // tag, value; a slash in a tag groups panels

// Events, framed. `wall_time`: seconds since 1970.
std::string file_version_event(double wall_time);  // the first of a file
std::string scalars_event(double wall_time, int64_t step, const Scalars&);
// What an earlier file says of `step` and later steps is void from here on.
std::string session_start_event(double wall_time, int64_t step);

class EventFile {
 public:
  // Begins <folder>/events.out.tfevents.<time>.<host>; `resumed_after`: a file of its own, with that step in
  // its name, that voids what earlier files say of later steps. Where the environment sets SOURCE_DATE_EPOCH,
  // times are that number plus the step, so that a run's file has the same bytes again. Throws Error(data).
  EventFile(const std::filesystem::path& folder, std::optional<int64_t> resumed_after);

  // Written when it returns: whoever looks, also after a crash, sees it. Numbers that are not finite are left
  // out.
  void add(int64_t step, const Scalars&);
  bool reproducible() const { return epoch_.has_value(); }

 private:
  double time_of(int64_t step) const;
  void append(const std::string& bytes);

  std::optional<int64_t> epoch_;  // SOURCE_DATE_EPOCH
  std::filesystem::path file_;
};

}  // namespace rc
