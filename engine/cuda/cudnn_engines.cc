#include "engine/cuda/cudnn_engines.h"

#include <algorithm>

namespace rc {
namespace {

template <class Note>
bool has(const std::vector<Note>& notes, Note note) {
  return std::find(notes.begin(), notes.end(), note) != notes.end();
}
using Notes = std::vector<cudnnBackendNumericalNote_t>;

// Why the policy forbids an engine with these notes; nullptr where it does not. What cuDNN does not note
// cannot be seen without running it: only a GPU shows its numbers.
const char* forbidden(const Notes& notes, DType operands, const Policy& policy) {
  if (policy.deterministic && has(notes, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)) return "not deterministic";
  if (has(notes, CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION)) return "sums of less precision than fp32";
  // Tensor cores take fp32 operands only as TF32 or as something narrower.
  if (operands == DType::f32 && !policy.tf32 &&
      (has(notes, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS) || has(notes, CUDNN_NUMERICAL_NOTE_TENSOR_CORE)))
    return "operands rounded to TF32";
  return nullptr;
}

std::string text(const Notes& notes) {
  std::string out;
  const auto add = [&](cudnnBackendNumericalNote_t note, const char* what) {
    if (has(notes, note)) out += (out.empty() ? "" : ", ") + std::string(what);
  };
  add(CUDNN_NUMERICAL_NOTE_TENSOR_CORE, "tensor cores");
  add(CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS, "rounds operands");
  add(CUDNN_NUMERICAL_NOTE_WINOGRAD, "Winograd");
  add(CUDNN_NUMERICAL_NOTE_FFT, "FFT");
  add(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC, "not deterministic");
  return out;
}

EngineChoice choice_of(const CudnnDescriptor& config, const CudnnDescriptor& engine) {
  EngineChoice choice{.engine = engine.value<int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX), .knobs = {}};
  for (const CudnnDescriptor& knob : config.descriptors(
           CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR, CUDNN_KNOB_TYPE_COUNTS))
    choice.knobs.push_back({int64_t(knob.value<cudnnBackendKnobType_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE)),
                            knob.value<int64_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE)});
  return choice;
}

CudnnDescriptor config_of(const EngineChoice& choice, const ConvGraph& graph, const CudnnDescriptor& device) {
  CudnnDescriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  engine.set(CUDNN_ATTR_ENGINE_OPERATION_GRAPH, graph.operations());
  engine.set(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, choice.engine);
  engine.set(CUDNN_ATTR_ENGINE_DEVICEPROP, device);
  engine.finalize("engine");
  std::vector<CudnnDescriptor> knobs;
  for (const EngineChoice::Knob& knob : choice.knobs) {
    CudnnDescriptor& d = knobs.emplace_back(CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
    d.set(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, cudnnBackendKnobType_t(knob.type));
    d.set(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, knob.value);
    d.finalize("knob");
  }
  CudnnDescriptor config(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
  config.set(CUDNN_ATTR_ENGINECFG_ENGINE, engine);
  if (!knobs.empty()) config.set(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, std::span<const CudnnDescriptor>(knobs));
  config.finalize("engine's configuration");
  return config;
}

std::vector<CudnnDescriptor> heuristics(const ConvGraph& graph, const CudnnDescriptor& device,
                                        cudnnBackendHeurMode_t mode) {
  CudnnDescriptor d(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  d.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph.operations());
  d.set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
  d.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, device);
  d.finalize("heuristics");
  return d.descriptors(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR,
                       d.count_of_descriptors(CUDNN_ATTR_ENGINEHEUR_RESULTS));
}

struct Attempt {
  std::optional<BuiltEngine> built;
  std::string refused;  // why, where nothing was built
};

Attempt attempt(CudnnDescriptor config, const CudnnDescriptor& device, DType operands, const Policy& policy) {
  const auto engines = config.descriptors(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, 1);
  check(engines.size() == 1, "cuDNN's configuration has one engine");
  const Notes notes = engines[0].list<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE);
  if (const char* why = forbidden(notes, operands, policy)) return {std::nullopt, why};
  // Those need a driver to be built, and NVRTC: without them the same plans come out for a GPU that is there
  // and for its description.
  if (has(engines[0].list<cudnnBackendBehaviorNote_t>(CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE),
          CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION))
    return {std::nullopt, "compiled at run time"};
  CudnnDescriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
  plan.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, device);
  if (cudnn().finalize(plan.get()) != CUDNN_STATUS_SUCCESS) return {std::nullopt, "not built by cuDNN"};
  const size_t workspace = size_t(plan.value<int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE));
  if (workspace > policy.workspace_limit) return {std::nullopt, "over the workspace limit"};
  EngineChoice choice = choice_of(config, engines[0]);
  return {BuiltEngine{std::move(choice), std::move(config), std::move(plan), workspace, text(notes),
                      has(notes, CUDNN_NUMERICAL_NOTE_TENSOR_CORE)},
          {}};
}

}  // namespace

BuiltEngine first_engine(const ConvGraph& graph, const CudnnDescriptor& device, DType operands,
                         const Policy& policy, const std::string& where) {
  std::vector<std::pair<std::string, int>> refused;
  for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK})
    for (CudnnDescriptor& config : heuristics(graph, device, mode)) {
      Attempt a = attempt(std::move(config), device, operands, policy);
      if (a.built) return std::move(*a.built);
      const auto same = std::find_if(refused.begin(), refused.end(),
                                     [&](const auto& reason) { return reason.first == a.refused; });
      if (same == refused.end())
        refused.emplace_back(a.refused, 1);
      else
        ++same->second;
    }
  std::string counts;
  for (const auto& [why, count] : refused)
    counts += (counts.empty() ? ": " : ", ") + std::to_string(count) + " " + why;
  throw Error(Exit::device, "cuDNN has no engine that the policy allows" + counts, where);
}

std::optional<BuiltEngine> build_engine(const ConvGraph& graph, const CudnnDescriptor& device, DType operands,
                                        const Policy& policy, const EngineChoice& choice) {
  try {
    return attempt(config_of(choice, graph, device), device, operands, policy).built;
  } catch (const Error&) {  // no such engine or knob here
    return std::nullopt;
  }
}

}  // namespace rc
