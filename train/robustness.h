// A detector under interference: the AUC at every kind and level that was asked for, and means of them.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/perturbation.h"
#include "train/predictions.h"
#include "train/table.h"

namespace rc {

struct AucPair {
  std::optional<double> frames, videos;  // null for a set of one class
};

struct PerturbedLevel {
  Perturbation perturbation;
  AucPair auc;
};

struct Robustness {
  std::vector<PerturbedLevel> levels;  // in the order of parse_perturbations

  std::vector<const PerturbationKind*> kinds() const;        // that have a level here
  const AucPair* level(const PerturbationKind&, int) const;  // null where it was not asked for
  AucPair mean(const PerturbationKind&) const;               // over the kind's levels that are here
  AucPair mean() const;                                      // over the kinds
};

AucPair auc_of(std::span<const FramePrediction>);

// Where an evaluation's folder keeps the predictions under one perturbation: folder/perturbed/jpeg-3.csv.
std::filesystem::path perturbed_predictions(const std::filesystem::path& folder, const Perturbation&);

nlohmann::ordered_json to_json(const Robustness&);
std::string robustness_csv(
    const Robustness&);  // kind,level,parameter,frame_auc,video_auc; level may be "mean"

// A row a kind: AUC of frames at each level and their mean, then of videos; last the means over kinds.
Table robustness_table(const Robustness&);

}  // namespace rc
