// Video files among the entries of an index: a whole file ("a/071.mp4"), and one frame of it
// ("a/071.mp4#120", counted from 0).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/index.h"
#include "data/listing.h"

namespace rc {

// Whether its one entry is a video file.
inline bool is_video_file(const Video& video) {
  return video.frames.size() == 1 && is_video_name(video.frames[0]);
}

struct VideoFrame {
  std::string file;
  int64_t number = 0;
};
std::string frame_entry(const std::string& file, int64_t number);
// Nothing where the entry is another file's name.
std::optional<VideoFrame> video_frame(std::string_view entry);

}  // namespace rc
