#include "engine/cuda/cudnn_plan.h"

#include <array>
#include <optional>

#include "engine/cuda/workspace.h"
#include "engine/sha256.h"

namespace rc {
namespace {

class ConvPlan : public Plan {
 public:
  ConvPlan(ConvGraph graph, BuiltEngine built, bool narrow, CudnnHandle handle, std::string where)
      : graph_(std::move(graph)),
        built_(std::move(built)),
        narrow_(narrow),
        handle_(std::move(handle)),
        where_(std::move(where)) {}

  std::string engine() const override { return "eng" + std::to_string(built_.choice.engine); }
  std::string notes() const override { return built_.notes; }
  bool tensor_cores() const override { return built_.tensor_cores; }
  size_t workspace() const override { return workspace_to_reserve(built_.workspace); }
  bool narrow_gradient() const override { return narrow_; }

  void run(const void* a, const void* b, void* out, void* workspace) override {
    check(handle_ != nullptr, "a plan for a described GPU does not run", where_);
    const Pointers at = {const_cast<void*>(a), const_cast<void*>(b), out, aligned_workspace(workspace)};
    if (!pack_ || at != packed_) pack(at);
    cudnn_check(cudnn().execute(handle_.get(), built_.plan.get(), pack_->get()), where_);
  }

 private:
  using Pointers = std::array<void*, 4>;  // a, b, out, workspace

  // An arena keeps its tensors where they are, so this is done once.
  void pack(const Pointers& at) {
    pack_.emplace(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    pack_->set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, std::span<const int64_t>(ConvGraph::kOperands));
    pack_->set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, std::span<void* const>(at.data(), 3));
    pack_->set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, at[3]);
    pack_->finalize(where_);
    packed_ = at;
  }

  ConvGraph graph_;
  BuiltEngine built_;
  bool narrow_;
  CudnnHandle handle_;
  std::string where_;
  std::optional<CudnnDescriptor> pack_;
  Pointers packed_ = {};
};

}  // namespace

CudnnHandle new_cudnn_handle(cudaStream_t stream) {
  cudnnHandle_t raw = nullptr;
  cudnn_check(cudnn().create(&raw), "new handle");
  CudnnHandle handle(raw, [](cudnnHandle_t h) { cudnn().destroy(h); });
  cudnn_check(cudnn().set_stream(raw, stream), "stream of the handle");
  return handle;
}

CudnnDescriptor cudnn_device(const std::string& json, const std::string& where) {
  CudnnDescriptor device(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
  device.set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, std::span<const char>(json));
  device.finalize("description of " + where);
  return device;
}
CudnnDescriptor cudnn_device(int ordinal) {
  CudnnDescriptor device(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
  device.set(CUDNN_ATTR_DEVICEPROP_DEVICE_ID, int32_t(ordinal));
  device.finalize("description of cuda:" + std::to_string(ordinal));
  return device;
}

CudnnPlanner::CudnnPlanner(CudnnDescriptor device, CudnnHandle handle)
    : device_(std::move(device)), handle_(std::move(handle)), cache_(plan_cache_folder()) {
  const std::vector<char> json = device_.list<char>(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION);
  cache_key_ = "cuDNN " + cudnn_version() + ", device " + sha256({json.data(), json.size()});
}

std::unique_ptr<Plan> CudnnPlanner::plan(const ConvDesc& d, Direction direction, const Policy& policy) const {
  const std::string what = std::string("convolution, ") + name_of(direction) + ", " + d.text();
  ConvGraph graph(layout_of(d), direction, what);
  const std::string key = cache_key_ + ", " + what + ", storage " + std::to_string(d.in_block) + " " +
                          std::to_string(d.out_block) + ", deterministic " +
                          std::to_string(policy.deterministic) + ", tf32 " + std::to_string(policy.tf32) +
                          ", workspace " + std::to_string(policy.workspace_limit);
  std::optional<BuiltEngine> built;
  if (const auto known = cache_.find(key)) built = build_engine(graph, device_, d.dtype, policy, *known);
  if (!built) {
    built = first_engine(graph, device_, d.dtype, policy, what);
    cache_.keep(key, built->choice);
  }
  const bool narrow = direction == Direction::weight_gradient && d.dtype != DType::f32;
  return std::make_unique<ConvPlan>(std::move(graph), std::move(*built), narrow, handle_, what);
}

}  // namespace rc
