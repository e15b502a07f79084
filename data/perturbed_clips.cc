#include "data/perturbed_clips.h"

#include "data/frame.h"
#include "engine/error.h"

namespace rc {

Image PerturbedClips::frame(int video, int frame) {
  std::shared_ptr<Clip> clip;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Clip>& known = clips_[video];
    if (!known) known = std::make_shared<Clip>();
    clip = known;
  }
  std::call_once(clip->made, [&] { make(*clip, video); });
  const std::lock_guard lock(mutex_);
  if (++clip->handed_out == clip->frames.size()) clips_.erase(video);
  if (const auto error = clip->errors[size_t(frame)]) std::rethrow_exception(error);
  return std::move(clip->frames[size_t(frame)]);
}

void PerturbedClips::make(Clip& clip, int video) const {
  const size_t count = index_.videos[size_t(video)].frames.size();
  clip.frames.resize(count), clip.errors.resize(count);
  ClipReader reader(index_, video);
  std::vector<Image> readable;
  std::vector<size_t> place;
  for (size_t i = 0; i < count; ++i) try {
      readable.push_back(reader.read(int(i)));
      place.push_back(i);
    } catch (const Error&) {
      clip.errors[i] = std::current_exception();
    }
  std::vector<Image> altered = perturb_clip(readable, perturbation_);
  for (size_t i = 0; i < altered.size(); ++i) clip.frames[place[i]] = std::move(altered[i]);
}

}  // namespace rc
