// From the scores of frames to an evaluation: videos, metrics of both, every forgery method against all
// reals, and the files of eval/<set>/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "train/metrics.h"

namespace rc {

struct FramePrediction {
  std::string dataset, split, video;
  int frame = 0;
  std::string path;
  int label = 0;       // 0 real, 1 fake
  std::string method;  // "real", "Deepfakes", ...
  double prob_fake = 0;
  float logit0 = 0, logit1 = 0;
};

struct VideoPrediction {
  std::string dataset, video;
  int label = 0;
  std::string method;
  int n_frames = 0;
  double prob_fake = 0;  // mean of the frames'
};

// A set of videos measured by frame and by video; the intervals are of the AUC, by bootstrap over videos.
struct Level {
  Metrics frames, videos;
  std::optional<Interval> frames_ci, videos_ci;
};

struct MethodLevel {
  std::string method;
  Level level;  // this method's fakes against all reals
};

struct Evaluation {
  std::string dataset;  // the set's name
  Level all;
  std::vector<MethodLevel> methods;  // by name; empty where there is one method only
};

// One row per (dataset, label, method, video), sorted by these.
std::vector<VideoPrediction> video_predictions(std::span<const FramePrediction>);

Evaluation evaluate(const std::string& name, std::span<const FramePrediction>, uint64_t seed);

nlohmann::ordered_json to_json(const Evaluation&);

// Writes results.json, predictions.csv, videos.csv and roc.csv (of frames and of videos) into `folder`.
void write_evaluation(const std::filesystem::path& folder, const Evaluation&,
                      std::span<const FramePrediction>);

}  // namespace rc
