#include "train/protocol.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/evenly_spaced.h"
#include "engine/error.h"

namespace rc {
namespace {

std::string frames_text(FrameRule rule) {
  return rule == FrameRule::first ? "the first ones, by number" : "evenly spaced";
}

std::string video_text(VideoKey key) {
  return key == VideoKey::folder ? "name of the folder; methods that share it are merged"
                                 : "dataset, label, method and name";
}

std::string unreadable_text(bool skipped) {
  return skipped ? "left out; a video without any scores 0.5" : "an error";
}

}  // namespace

std::span<const Protocol> protocols() {
  static const Protocol all[] = {
      {"default", "frames evenly spaced, every video by itself", FrameRule::evenly_spaced,
       Resampling::pil_bilinear, VideoKey::identity, false},
      {"dfb",
       "DeepfakeBench: the first frames, OpenCV's cubic resize, videos merged by the name of their folder; "
       "its "
       "acc_real and acc_fake, which take an order for granted that its lists do not have, are not "
       "reproduced",
       FrameRule::first, Resampling::cv2_cubic, VideoKey::folder, false},
      {"sbi",
       "SelfBlendedImages: evenly spaced, OpenCV's bilinear resize, frames that cannot be read left out, a "
       "video without any scores 0.5 and is reported; a stored image is the one face of its frame",
       FrameRule::evenly_spaced, Resampling::cv2_linear, VideoKey::identity, true},
  };
  return all;
}

const Protocol& protocol_of(const std::string& name) {
  const auto found = std::ranges::find(protocols(), name, &Protocol::name);
  check(found != protocols().end(), "a protocol has a known name", name);
  return *found;
}

Index choose_frames(Index index, FrameRule rule, int count) {
  if (rule == FrameRule::evenly_spaced) return evenly_spaced(std::move(index), count);
  index = evenly_spaced(std::move(index), 0);  // all, those of video files among them
  if (count <= 0) return index;
  for (Video& v : index.videos) {
    if (v.frames.size() > size_t(count)) v.frames.resize(size_t(count));
    if (v.sha256.size() > size_t(count)) v.sha256.resize(size_t(count));
  }
  return index;
}

std::string checkpoint_selection(const std::filesystem::path& model_file) {
  const std::filesystem::path folder = model_file.parent_path();
  if (folder.parent_path().filename() == "checkpoints" && folder.filename() == "best")
    return "best validation AUC";
  if (folder.parent_path().filename() == "checkpoints" && folder.filename() == "last") return "last step";
  return "given file";
}

nlohmann::ordered_json to_json(const AppliedProtocol& p) {
  return {{"name", p.protocol.name},
          {"frames", frames_text(p.protocol.frames)},
          {"frames_per_video", p.frames_per_video},
          {"resampling", resampling_names()[size_t(p.protocol.resampling)]},
          {"image_size", p.image_size},
          {"video", video_text(p.protocol.video)},
          {"video_score", "mean of its frames"},
          {"unreadable", unreadable_text(p.protocol.skip_unreadable)},
          {"threshold", "score > 0.5"},
          {"eer", "FPR at the ROC's vertex of least |FNR - FPR|"},
          {"split", p.split},
          {"compression", p.compression},
          {"seed", p.seed},
          {"checkpoint", p.checkpoint},
          {"weights_sha256", p.weights_hash}};
}

std::string text_of(const AppliedProtocol& p) {
  const std::string frames =
      p.frames_per_video > 0 ? std::to_string(p.frames_per_video) + " frames a video, " : "all frames, ";
  return std::string("protocol ") + p.protocol.name + ": " + frames +
         (p.frames_per_video > 0 ? frames_text(p.protocol.frames) + ", " : "") +
         resampling_names()[size_t(p.protocol.resampling)] + " to " + std::to_string(p.image_size) +
         " px; a video is its " + video_text(p.protocol.video) + "; what cannot be read is " +
         unreadable_text(p.protocol.skip_unreadable) + "\ncheckpoint " + p.checkpoint + ", weights sha256 " +
         p.weights_hash + "; split " + p.split + (p.compression.empty() ? "" : ", " + p.compression) +
         ", seed " + std::to_string(p.seed) + "\n";
}

}  // namespace rc
