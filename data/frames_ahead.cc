#include "data/frames_ahead.h"

#include <algorithm>

#include "data/frame.h"
#include "data/video_entry.h"

namespace rc {

FramesAhead::FramesAhead(const Index& index, std::function<Image(Image, size_t)> made, size_t ahead,
                         int smallest)
    : index_(index),
      made_(std::move(made)),
      ahead_(ahead),
      smallest_(smallest),
      first_{0},
      clips_(index.videos.size()) {
  for (const Video& video : index.videos) first_.push_back(first_.back() + video.frames.size());
}

bool FramesAhead::is_file(size_t video) const {
  const Video& row = index_.videos[video];
  return !row.frames.empty() && video_frame(row.frames[0]).has_value();
}

size_t FramesAhead::next_file(size_t video) const {
  const size_t end = std::min(clips_.size(), video + ahead_ + 1);
  for (size_t v = video; v < end; ++v)
    if (clips_[v].state == Clip::waiting && is_file(v)) return v;
  return clips_.size();
}

Image FramesAhead::take(size_t number) {
  const size_t video = size_t(std::ranges::upper_bound(first_, number) - first_.begin()) - 1;
  const size_t frame = number - first_[video];
  if (!is_file(video)) return made_(read_frame(index_, int(video), int(frame), smallest_), number);

  std::unique_lock lock(mutex_);
  Clip& clip = clips_[video];
  while (clip.state != Clip::done) {
    const size_t next = next_file(video);
    if (next == clips_.size()) {
      decoded_.wait(lock);
      continue;
    }
    clips_[next].state = Clip::begun;
    lock.unlock();
    decode(next);
    lock.lock();
    clips_[next].state = Clip::done;
    decoded_.notify_all();
  }
  const std::exception_ptr error = clip.errors[frame];
  Image image = std::move(clip.images[frame]);
  if (--clip.left == 0) clip.images = {}, clip.errors = {};
  if (error) std::rethrow_exception(error);
  return image;
}

void FramesAhead::decode(size_t video) {
  Clip& clip = clips_[video];
  clip.left = index_.videos[video].frames.size();
  clip.images.resize(clip.left), clip.errors.resize(clip.left);
  ClipReader reader(index_, int(video));
  for (size_t frame = 0; frame < clip.left; ++frame) try {
      clip.images[frame] = made_(reader.read(int(frame)), first_[video] + frame);
    } catch (...) {
      clip.errors[frame] = std::current_exception();
    }
}

}  // namespace rc
