// By which rules a set is evaluated: which frames, how they are resized, what one video is. Numbers of the
// literature compare only under the same ones, so they are part of every result.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "data/index.h"
#include "data/resize.h"
#include "train/scored_set.h"

namespace rc {

enum class FrameRule {
  evenly_spaced,  // from the first to the last
  first,          // the first ones: DeepfakeBench's step is always 1
};

struct Protocol {
  const char* name;
  const char* describes;
  FrameRule frames;
  Resampling resampling;
  VideoKey video;
  bool skip_unreadable;  // a frame that cannot be read is left out, a video without any scores one half
};

// default | dfb | sbi.
std::span<const Protocol> protocols();
const Protocol& protocol_of(const std::string& name);  // an unknown name is a bug of the caller

// The frames that a protocol looks at, at most `count` of each video; 0: all.
Index choose_frames(Index, FrameRule, int count);

// A protocol as it was applied to a detector.
struct AppliedProtocol {
  Protocol protocol = protocols().front();
  int frames_per_video = 0, image_size = 0;
  bool scaled_jpeg = false;
  std::string split, compression;
  uint64_t seed = 0;
  std::string checkpoint;  // how it was chosen: "best validation AUC", "last step", "given file"
  std::string weights_hash;
};

// "best validation AUC" and so on, by the place of the model's file in a run folder.
std::string checkpoint_selection(const std::filesystem::path& model_file);

nlohmann::ordered_json to_json(const AppliedProtocol&);
std::string text_of(const AppliedProtocol&);  // lines "protocol ...", for people

}  // namespace rc
