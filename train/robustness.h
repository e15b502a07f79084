// A detector under interference: the AUC at every kind and level that was asked for, and means of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/perturbation.h"
#include "train/scored_set.h"
#include "train/table.h"

namespace rc {

struct AucPair {
  std::optional<double> frames, videos;  // null for a set of one class
};

struct PerturbedLevel {
  Perturbation perturbation;
  AucPair auc;
  // Images that came out as they went in: all of them where blocks find less than 256 pixels.
  int64_t unchanged = 0;
};

struct Robustness {
  std::vector<PerturbedLevel> levels;  // in the order of parse_perturbations

  std::vector<const PerturbationKind*> kinds() const;        // that have a level here
  const AucPair* level(const PerturbationKind&, int) const;  // null where it was not asked for
  AucPair mean(const PerturbationKind&) const;               // over the kind's levels that are here
  AucPair mean() const;                                      // over the kinds
  // Over the kinds of a group, of which the levels that it names count; null unless all of them are here.
  std::optional<AucPair> mean(const PerturbationGroup&) const;
};

AucPair auc_of(const ScoredSet&, VideoKey = VideoKey::identity);

// Where an evaluation's folder keeps the predictions under one perturbation: folder/perturbed/jpeg-3.csv.
std::filesystem::path perturbed_predictions(const std::filesystem::path& folder, const Perturbation&);

nlohmann::ordered_json to_json(const Robustness&);
// kind,level,parameter,frame_auc,video_auc,unchanged; the level may be "mean".
std::string robustness_csv(const Robustness&);

// A row a kind: AUC of frames at each level and their mean, then of videos; last the means over kinds, of all
// and of each group that is here.
Table robustness_table(const Robustness&);

}  // namespace rc
