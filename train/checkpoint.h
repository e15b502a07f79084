// A detector on disk: model.safetensors holds what scores images, with its configuration in the metadata;
// optim.safetensors and state.json besides it hold what training goes on from.
#pragma once

#include <filesystem>
#include <string>

#include "engine/variables.h"
#include "model/weights/stored_tensor.h"
#include "train/config.h"
#include "train/training_state.h"

namespace rc {

// While it lives, the parameters are the moving average (where training keeps one), so that what is saved or
// evaluated is what is deployed.
class AveragedWeights {
 public:
  AveragedWeights(Device&, Variables&);
  ~AveragedWeights();
  AveragedWeights(const AveragedWeights&) = delete;
  AveragedWeights& operator=(const AveragedWeights&) = delete;

 private:
  void exchange();
  Device& device_;
  Variables& variables_;
};

// Makes a model file of the tensors of a detector: its metadata become the configuration that the network is
// built from. Returns the weights' hash, as save_model does.
std::string describe_model(TensorFile&, const Config&);

// Writes folder/model.safetensors: parameters (the average where there is one) and buffers, filters in
// PyTorch's order [K, C, R, S]. Returns the weights' hash: sha256 of the tensors alone, the same for the same
// weights whatever the configuration says.
std::string save_model(const std::filesystem::path& folder, Device&, Variables&, const Config&);
// Writes folder/optim.safetensors and folder/state.json.
void save_training(const std::filesystem::path& folder, Device&, Variables&, const TrainingState&);

// The model's file at a path that is a model.safetensors, a checkpoint folder, or a run folder (its best
// checkpoint, else its last). Throws Error(data) where there is none.
std::filesystem::path model_file(const std::filesystem::path& path);

// The configuration of a model: what decides its network and preprocessing; the rest has its defaults. `path`
// as model_file takes it. Throws Error(data).
Config load_model_config(const std::filesystem::path& path);
// Reads parameters and buffers into allocated variables. Throws Error(data) that lists what is missing,
// unexpected or of another shape.
void load_model(const std::filesystem::path& path, Device&, Variables&);
// What save_model returned for it, computed from the file's tensors anew.
std::string weights_hash(const std::filesystem::path& path);
TrainingState load_training(const std::filesystem::path& folder, Device&, Variables&);

}  // namespace rc
