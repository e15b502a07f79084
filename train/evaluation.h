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
#include "train/predictions.h"
#include "train/robustness.h"

namespace rc {

// A set of videos measured by frame and by video; the intervals are of the AUC, by bootstrap over videos.
struct Level {
  Metrics frames, videos;
  std::optional<Interval> frames_ci, videos_ci;
};

struct MethodLevel {
  std::string method;
  Level level;  // this method's fakes against all reals
};

// The set by another score than P(fake); it has no threshold, and so no accuracy.
struct ScoreLevel {
  std::string score;
  Level level;
};

struct Evaluation {
  std::string dataset;  // the set's name
  Level all;
  std::vector<MethodLevel> methods;  // by name; empty where there is one method only
  // Where the detector has centres of natural faces: "real_distance", half the distance 1 - z . c to the
  // nearest, in [0, 1]; "both", the mean of that and P(fake).
  std::vector<ScoreLevel> scores;
  Robustness robustness;  // empty where no interference was asked for
};

Evaluation evaluate(const std::string& name, std::span<const FramePrediction>, uint64_t seed);

nlohmann::ordered_json to_json(const Evaluation&);

// Writes results.json, predictions.csv, videos.csv, roc.csv (of frames and of videos) and, where there is
// robustness, perturbations.csv into `folder`.
void write_evaluation(const std::filesystem::path& folder, const Evaluation&,
                      std::span<const FramePrediction>);

}  // namespace rc
