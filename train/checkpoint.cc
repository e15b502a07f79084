#include "train/checkpoint.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"
#include "model/ops/optimizer.h"
#include "model/weights/filter_order.h"
#include "model/weights/safetensors.h"
#include "model/weights/weight_file.h"
#include "train/config_schema.h"
#include "train/shallow_json.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr const char* kConfigKey = "realcentric.config";
// The parameters that training goes on from, where the model file holds their average.
constexpr const char* kRawParameters = "training.parameters";

bool belongs_to_training(const std::string& name) { return name.starts_with("optimizer."); }

// The settings that decide a detector's network and preprocessing.
bool belongs_to_model(const std::string& key) {
  return (key.starts_with("model.") && key != "model.init") || key.starts_with("loss.") ||
         key == "data.img_size" || key == "data.resize" || key == "data.jpeg_scale" || key == "precision" ||
         key == "seed";
}

std::string download(Device& device, const Tensor& t) {
  std::string bytes(t.bytes(), '\0');
  device.download(bytes.data(), t.data, bytes.size());
  return bytes;
}

StoredTensor stored(Device& device, const Variables& variables, const Variable& v) {
  return {v.name, stored_type(v.desc.dtype), pytorch_shape(v.desc.shape),
          to_pytorch_order(download(device, variables.tensor(v)), v.desc.shape)};
}

void restore(Device& device, const Variables& variables, const Variable& v, const StoredTensor& t) {
  device.upload(variables.tensor(v).data, from_pytorch_order(t.bytes, v.desc.shape).data(), v.desc.bytes());
}

}  // namespace

fs::path model_file(const fs::path& path) {
  const fs::path candidates[] = {path, path / "model.safetensors",
                                 path / "checkpoints/best/model.safetensors",
                                 path / "checkpoints/last/model.safetensors"};
  for (const fs::path& p : candidates)
    if (fs::is_regular_file(p)) return p;
  throw Error(Exit::data, "no model at " + path.string(),
              "neither a file, nor a checkpoint, nor a run folder",
              "training writes runs/NAME/checkpoints/best/model.safetensors");
}

namespace {

// Fills all variables that `wanted` names from a file; complains of everything that does not fit at once.
template <class Wanted>
void load_into(const fs::path& file, const TensorFile& tensors, Device& device, Variables& variables,
               const Wanted& wanted) {
  std::string problems;
  size_t matched = 0;
  const auto complain = [&](const std::string& text) { problems += (problems.empty() ? "" : "; ") + text; };
  for (const auto& v : variables.all()) {
    if (!wanted(v->name)) continue;
    const StoredTensor* t = tensors.find(v->name);
    if (!t)
      complain("missing " + v->name);
    else if (t->type != stored_type(v->desc.dtype) || t->shape != pytorch_shape(v->desc.shape))
      complain(v->name + " is " + shape_text(t->shape) + ", not " + shape_text(pytorch_shape(v->desc.shape)));
    else
      ++matched;
  }
  if (!problems.empty())
    throw Error(Exit::data, "the checkpoint is of another model: " + problems, file.string(),
                "train with the same --model, --embed-dim and --objective");
  for (const auto& v : variables.all())
    if (wanted(v->name)) restore(device, variables, *v, *tensors.find(v->name));
  check(matched > 0, "a model has variables");
}

}  // namespace

AveragedWeights::AveragedWeights(Device& device, Variables& variables)
    : device_(device), variables_(variables) {
  exchange();
}
AveragedWeights::~AveragedWeights() { exchange(); }

void AveragedWeights::exchange() {
  const Variable* average = variables_.find(kAverage);
  if (!average) return;
  const size_t bytes = average->desc.bytes();
  std::string a(bytes, '\0'), b(bytes, '\0');
  device_.download(a.data(), variables_.tensor(*average).data, bytes);
  device_.download(b.data(), variables_.flat_parameters(), bytes);
  device_.upload(variables_.flat_parameters(), a.data(), bytes);
  device_.upload(variables_.tensor(*average).data, b.data(), bytes);
}

std::string save_model(const fs::path& folder, Device& device, Variables& variables, const Config& config) {
  const AveragedWeights averaged(device, variables);
  TensorFile out;
  for (const auto& v : variables.all())
    if (!belongs_to_training(v->name)) out.tensors.push_back(stored(device, variables, *v));
  const std::string hash = describe_model(out, config);
  write_safetensors(folder / "model.safetensors", out);
  return hash;
}

std::string describe_model(TensorFile& file, const Config& config) {
  file.metadata.clear();
  const std::string hash = sha256(encode_safetensors(file));
  nlohmann::ordered_json settings = nlohmann::ordered_json::object();
  for (const ConfigField& field : config_fields())
    if (belongs_to_model(field.key)) settings[field.key] = value_of(field, config);
  file.metadata = {{"format", "pt"}, {kConfigKey, settings.dump()}, {"realcentric.weights_sha256", hash}};
  return hash;
}

void save_training(const fs::path& folder, Device& device, Variables& variables, const TrainingState& state) {
  TensorFile out;
  for (const auto& v : variables.all())
    if (belongs_to_training(v->name)) out.tensors.push_back(stored(device, variables, *v));
  if (variables.find(kAverage)) {
    std::string raw(size_t(variables.flat_size()) * sizeof(float), '\0');
    device.download(raw.data(), variables.flat_parameters(), raw.size());
    out.tensors.push_back({kRawParameters, StoredType::f32, {variables.flat_size()}, std::move(raw)});
  }
  write_safetensors(folder / "optim.safetensors", out);
  write_file(folder / "state.json", to_json_text(state));
}

Config load_model_config(const fs::path& path) {
  const fs::path file = model_file(path);
  const TensorFile tensors = read_weights(file);
  const auto found = tensors.metadata.find(kConfigKey);
  if (found == tensors.metadata.end())
    throw Error(Exit::data, file.string() + " says nothing of its network", "metadata",
                "only files that realcentric wrote can be used");
  const auto settings = parse_shallow_json(found->second);
  if (!settings.is_object())
    throw Error(Exit::data, "the configuration in " + file.string() + " is damaged", "metadata");
  Config config;
  for (const ConfigField& field : config_fields()) {
    if (!belongs_to_model(field.key)) continue;
    if (!settings.contains(field.key))
      throw Error(Exit::data, "the configuration in " + file.string() + " lacks " + field.key, "metadata");
    if (const std::string wrong = assign(field, config, settings[field.key]); !wrong.empty())
      throw Error(Exit::data, "the configuration in " + file.string() + ": " + field.key + " " + wrong,
                  "metadata");
  }
  return config;
}

void load_model(const fs::path& path, Device& device, Variables& variables) {
  const fs::path file = model_file(path);
  load_into(file, read_weights(file), device, variables,
            [](const std::string& name) { return !belongs_to_training(name); });
}

std::string weights_hash(const fs::path& path) {
  TensorFile tensors = read_safetensors(model_file(path));
  tensors.metadata.clear();
  return sha256(encode_safetensors(tensors));
}

TrainingState load_training(const fs::path& folder, Device& device, Variables& variables) {
  load_model(folder, device, variables);
  const fs::path file = folder / "optim.safetensors";
  const TensorFile tensors = read_safetensors(file);
  load_into(file, tensors, device, variables, belongs_to_training);
  if (const StoredTensor* raw = tensors.find(kRawParameters)) {
    if (raw->type != StoredType::f32 || raw->shape != std::vector<int64_t>{variables.flat_size()})
      throw Error(Exit::data, std::string(kRawParameters) + " has the wrong size", file.string());
    device.upload(variables.flat_parameters(), raw->bytes.data(), raw->bytes.size());
  }
  const fs::path state = folder / "state.json";
  return parse_training_state(read_file(state, 1 << 20), state.string());
}

}  // namespace rc
