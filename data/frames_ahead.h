// All frames of an index for several threads that ask for them about in their order. Each video file is
// decoded once, by one thread, while others decode the next ones.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <vector>

#include "data/image.h"
#include "data/index.h"

namespace rc {

class FramesAhead {
 public:
  // `made` is what is given in place of a stored frame, whose number in the index's order it hears; it is
  // called from several threads. Keeps a reference to the index. At most `ahead` video files are held beside
  // the one that is asked for, as what `made` gave of their frames. `smallest` as for read_frame.
  FramesAhead(const Index&, std::function<Image(Image, size_t number)> made, size_t ahead, int smallest = 0);

  // What was made of frame `number`, counted through all videos. Each may be asked for once, from any thread.
  // Throws what reading or making that frame threw.
  Image take(size_t number);

 private:
  struct Clip {  // of a video file
    enum { waiting, begun, done } state = waiting;
    std::vector<Image> images;
    std::vector<std::exception_ptr> errors;
    size_t left = 0;  // frames that were not taken yet
  };

  void decode(size_t video);
  bool is_file(size_t video) const;
  size_t next_file(size_t video) const;  // to be decoded while `video` is waited for; as many as videos: none

  const Index& index_;
  const std::function<Image(Image, size_t)> made_;
  const size_t ahead_;
  const int smallest_;
  std::vector<size_t> first_;  // number of each video's first frame, and of all frames
  std::mutex mutex_;
  std::condition_variable decoded_;
  std::vector<Clip> clips_;
};

}  // namespace rc
