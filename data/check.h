// Whether a data set is what it should be: complete, legible, without what lets a detector cheat.
#pragma once

#include <string>
#include <vector>

#include "data/index.h"
#include "data/survey.h"

namespace rc {

struct Finding {
  enum class Result { ok, warning, failed };
  std::string subject;  // "files"
  Result result;
  std::string text;                   // what was found, a sentence
  std::vector<std::string> examples;  // the first few, in the index's order
};

// Each question about the set with its answer, in a fixed order. `expected`: a name of official_sets(), or
// empty. Throws Error(usage) for an unknown one.
//
// The questions: official numbers; both classes in each split; each file there and legible; files twice
// (where they were hashed); people in two splits; what besides the face tells the class (extension, format,
// size, JPEG quality, frames a video); videos with few frames; pairs for training.
std::vector<Finding> check_data(const Index&, const Survey&, const SurveyOptions&,
                                const std::string& expected);

}  // namespace rc
