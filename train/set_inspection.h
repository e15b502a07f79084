// A test set as the detector sees it: embeddings of a sample, and its hardest cases with heat maps. The only
// part of a report that runs the detector.
#pragma once

#include <string>
#include <vector>

#include "data/image.h"
#include "train/embedding_map.h"
#include "train/hard_cases.h"
#include "train/loaded_detector.h"
#include "train/predictions.h"
#include "train/reported_run.h"

namespace rc {

struct HardCase {
  FramePrediction prediction;
  Image image, heat;  // thumbnails of one size
};

struct SetInspection {
  std::string problem;  // why there is nothing else; empty where there is
  EmbeddingMap map;
  std::vector<HardCase> missed, accused, barely;
  double rescored = 0;  // the largest difference of P(fake) to predictions.csv among the frames seen
};

// `detector` inspects and is the run's. Images are looked for where results.json says that they were
// (data.root), else below the run's own data: one that is missing leaves all out, with the reason.
SetInspection inspect_set(LoadedDetector&, const ReportedRun&, const ReportedSet&);

}  // namespace rc
