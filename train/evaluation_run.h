// Evaluates a detector on a test set, from the images to the files of eval/<set>/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "data/index.h"
#include "data/perturbation.h"
#include "train/evaluation.h"
#include "train/scorer.h"

namespace rc {

struct TestSet {
  std::string name;
  std::string path;              // as the user gave it
  Index index;                   // of the frames that the protocol looks at
  std::string hash;              // of the index as it was read
  std::filesystem::path folder;  // for the results; what an earlier evaluation left there is replaced
};

// Throws Error(data) where one of the perturbations needs a codec that is not there: before hours of work.
void check_codecs(std::span<const Perturbation>);

// Scores the set, once more under every perturbation, writes all files into its folder (the predictions under
// interference into perturbed/) and gives what they say. `said` hears a line after every perturbation.
Evaluation evaluate_set(Scorer&, const TestSet&, const AppliedProtocol&, std::span<const Perturbation>,
                        const std::function<void(const std::string&)>& said);

}  // namespace rc
