// What a detector said of a frame and of a video, and both as CSV.
#pragma once

#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace rc {

struct FramePrediction {
  std::string dataset, split, video;
  int frame = 0;
  std::string path;
  int label = 0;       // 0 real, 1 fake
  std::string method;  // "real", "Deepfakes", ...
  double prob_fake = 0;
  float logit0 = 0, logit1 = 0;
  float real_distance = std::numeric_limits<float>::quiet_NaN();  // 1 - z . c; NaN without a centre
};

struct VideoPrediction {
  std::string dataset, video;
  int label = 0;
  std::string method;
  int n_frames = 0;
  double prob_fake = 0;  // mean of the frames'
};

// Scores and labels of predictions, as metrics take them.
struct ScoredLabels {
  std::vector<double> score;
  std::vector<int> label;
};
template <class Prediction>
ScoredLabels scored_labels(std::span<const Prediction> predictions) {
  ScoredLabels out;
  for (const Prediction& p : predictions) out.score.push_back(p.prob_fake), out.label.push_back(p.label);
  return out;
}

// predictions.csv, piece by piece and whole, and videos.csv, header included.
std::string predictions_header();
std::string predictions_line(const FramePrediction&);
std::string predictions_csv(std::span<const FramePrediction>);
std::string videos_csv(std::span<const VideoPrediction>);

// Reads predictions.csv back, every number to the bit. Throws Error(data) that names the file and the line.
std::vector<FramePrediction> read_predictions(const std::filesystem::path&);

}  // namespace rc
