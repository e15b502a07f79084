// Videos, frame by frame, through libav. An optional component: a build without it refuses by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "data/image.h"

namespace rc {

// Empty where videos can be read; else what is missing.
std::string why_no_video();
// "libavcodec 59.37.100, ...", what videos go through: other versions may give other pixels. Throws
// Error(data) where there is none.
std::string video_libraries();

// Reads the first video stream of a file from its first frame on. Frames are numbered from 0 as they are
// shown, by decoding: what a header says of their number or times plays no part. The same libav gives the
// same pixels on every machine, whatever the number of threads: 8-bit RGB by the colour matrix and range that
// the stream names (BT.601 and limited where it names none, as ffmpeg and OpenCV have it), turned upright by
// the container's rotation, pixels taken as square.
//
// A stream that breaks ends there: the frames before are good, and damage() says what happened and where. (As
// far as the codec can tell: H.264 has no checksums, and zeros in place of half a frame may pass for a
// frame.)
class VideoReader {
 public:
  // Throws Error(data) that names the file when it cannot be opened, is of no container known to libav that
  // stands alone (play lists and image sequences are refused), has no video stream or none that this libav
  // can decode, or claims frames of more than `pixel_limit` pixels.
  explicit VideoReader(const std::filesystem::path&, uint64_t pixel_limit = uint64_t(1) << 26);
  // The same for a file in memory; `name` stands for it in errors.
  VideoReader(std::string bytes, const std::string& name, uint64_t pixel_limit = uint64_t(1) << 26);
  ~VideoReader();

  // Decodes the next frame. False when there is none: at the end, or where the stream broke.
  bool next();
  int64_t frames() const;             // how many next() gave
  const std::string& damage() const;  // why the stream ended early; empty where it did not
  Image image() const;                // the frame that next() gave

  // Frame k. Going forward costs the frames between, going back begins the file again. Throws Error(data)
  // that names file and frame where there is no such good frame.
  Image frame(int64_t k);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct FrameCount {
  int64_t frames = 0;  // good ones
  std::string damage;  // why the stream ended there, where it did not end well
};
// Decodes all of it. Throws as VideoReader does.
FrameCount count_frames(const std::filesystem::path&);

}  // namespace rc
