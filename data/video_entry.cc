#include "data/video_entry.h"

#include <charconv>

namespace rc {

std::string frame_entry(const std::string& file, int64_t number) {
  return file + "#" + std::to_string(number);
}

std::optional<VideoFrame> video_frame(std::string_view entry) {
  const size_t hash = entry.rfind('#');
  if (hash == entry.npos || !is_video_name(entry.substr(0, hash))) return {};
  VideoFrame frame{std::string(entry.substr(0, hash)), 0};
  const char *first = entry.data() + hash + 1, *last = entry.data() + entry.size();
  const auto [end, error] = std::from_chars(first, last, frame.number);
  if (error != std::errc() || end != last || frame.number < 0) return {};
  return frame;
}

}  // namespace rc
