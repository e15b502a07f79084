// Embeddings on the unit sphere with the centres of natural faces among them, and their places in the plane.
#pragma once

#include <string>
#include <vector>

#include "train/pca.h"
#include "train/tsne.h"

namespace rc {

struct EmbeddedFrame {
  int label = 0;            // 0 real, 1 fake
  std::string method;       // "real", ...
  std::string description;  // for who points at it
  std::vector<float> z;     // of unit length
  double distance = 0;      // 1 - z . c to the nearest centre
  bool hard = false;        // a hard positive if real, a hard negative if fake
};

struct EmbeddingMap {
  std::vector<EmbeddedFrame> frames;
  std::vector<std::vector<float>> centres;  // of unit length
  bool own_centres = false;                 // the detector's, not the mean of the reals shown
  double share[2] = {};                     // of the variance along the first two principal axes
  // Of the frames, then of the centres.
  std::vector<PlanePoint> pca, tsne;
  double perplexity = 0;  // of t-SNE, and its iterations
  int iterations = 0;
};

// From raw embeddings (`z` of the frames) and the detector's centres (none: the direction of the mean of the
// reals shown stands in). Hard ones as the objective mines them (model/ops/contrastive_keys.h): of the reals
// the ceil(hard_share |R|) farthest from their centre, of the fakes the `hard_count` nearest.
EmbeddingMap embedding_map(std::vector<EmbeddedFrame>, std::vector<std::vector<float>> centres,
                           double hard_share, size_t hard_count);

}  // namespace rc
