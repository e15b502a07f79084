// First weights from a file instead of random ones: those of the backbone, and of the classifier where it has
// two classes.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/variables.h"
#include "model/weights/weight_match.h"

namespace rc {

struct InitialWeights {
  std::string path, sha256;  // of the file
  WeightMatch match;
};

// `path`: a file that read_weights takes, or a model as model_file takes it. Throws Error(data) where it
// holds no weights of that backbone.
InitialWeights read_initial_weights(const std::filesystem::path& path, const std::string& backbone);

// Writes what was found over the values of allocated variables.
void set_weights(const WeightMatch&, Device&, Variables&);

nlohmann::ordered_json record_of(const InitialWeights&);  // for the run folder

}  // namespace rc
