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
#include "train/protocol.h"
#include "train/robustness.h"
#include "train/scored_set.h"

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

// Where the frames of a set lie: root / the path of predictions.csv.
struct EvaluatedData {
  std::string path, root;            // as it was given; of the index
  std::string hash;                  // of the index
  std::vector<std::string> skipped;  // folders of videos without any image, not scored
};

struct Evaluation {
  std::string dataset;  // the set's name
  std::optional<AppliedProtocol> protocol;
  EvaluatedData data;
  int64_t unreadable = 0;           // frames that were left out
  std::vector<std::string> failed;  // videos of which all were, each scored 0.5
  Level all;
  std::vector<MethodLevel> methods;  // by name; empty where there is one method only
  // Where the detector has centres of natural faces: "real_distance", half the distance 1 - z . c to the
  // nearest, in [0, 1]; "both", the mean of that and P(fake).
  std::vector<ScoreLevel> scores;
  Robustness robustness;  // empty where no interference was asked for
};

// `seed` is the bootstrap's.
Evaluation evaluate(const std::string& name, const ScoredSet&, uint64_t seed, VideoKey = VideoKey::identity);

// With the reliability bins, where they are wanted.
nlohmann::ordered_json to_json(const Level&, bool bins);
nlohmann::ordered_json to_json(const Evaluation&);

// Writes results.json, videos.csv, roc.csv (of frames and of videos) and, where there is robustness,
// perturbations.csv and robustness.svg into `folder`; predictions.csv is there since they were scored.
void write_evaluation(const std::filesystem::path& folder, const Evaluation&, const ScoredSet&);

}  // namespace rc
