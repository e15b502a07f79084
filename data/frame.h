// One frame of an indexed video, decoded: what the loader feeds on and what evaluation reads.
#pragma once

#include "data/image.h"
#include "data/index.h"

namespace rc {

// Frame `frame` of index.videos[video]. Throws Error(data) that names the file, its video and the frame when
// it is missing, is no readable image, or is not the file that the index has the hash of.
Image read_frame(const Index&, int video, int frame);

}  // namespace rc
