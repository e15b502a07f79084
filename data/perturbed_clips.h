// The videos of an index under interference that takes whole clips, frame by frame in whatever order threads
// ask for them.
#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "data/index.h"
#include "data/perturbation.h"

namespace rc {

// A video is read and altered when its first frame is asked for, and forgotten when all were handed out: no
// more are held than are being read. Each frame may be asked for once.
class PerturbedClips {
 public:
  PerturbedClips(const Index& index, const Perturbation& perturbation)
      : index_(index), perturbation_(perturbation) {}

  // Throws what ClipReader throws for this frame; the others are then one clip without it.
  Image frame(int video, int frame);

 private:
  struct Clip {
    std::once_flag made;
    std::vector<Image> frames;
    std::vector<std::exception_ptr> errors;  // of frames that could not be read
    size_t handed_out = 0;
  };
  void make(Clip&, int video) const;

  const Index& index_;
  Perturbation perturbation_;
  std::mutex mutex_;
  std::map<int, std::shared_ptr<Clip>> clips_;
};

}  // namespace rc
