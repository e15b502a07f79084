// One frame of an indexed video, decoded: what the loader feeds on and what evaluation reads.
#pragma once

#include <optional>
#include <string>

#include "data/image.h"
#include "data/index.h"
#include "data/video.h"

namespace rc {

// Frame `frame` of index.videos[video]. Throws Error(data) that names the file, its video and the frame when
// it is missing, is no readable image, or is not the file that the index has the hash of. A frame of a video
// file costs decoding it from its beginning. `smallest` as for decode_image.
Image read_frame(const Index&, int video, int frame, int smallest = 0);

// The frames of one video one after the other: of a video file, at the cost of decoding it once. Keeps a
// reference to the index.
class ClipReader {
 public:
  ClipReader(const Index& index, int video, int smallest = 0)
      : index_(index), video_(video), smallest_(smallest) {}
  // As read_frame does. Going back costs beginning again.
  Image read(int frame);

 private:
  const Index& index_;
  int video_, smallest_;
  std::string file_;  // which `reader_` reads
  std::optional<VideoReader> reader_;
};

}  // namespace rc
