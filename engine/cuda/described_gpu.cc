// A GPU that is only described: plans are made for it, nothing runs.
#include "engine/cuda/cublaslt.h"
#include "engine/cuda/cudnn_plan.h"
#include "engine/cuda/handles.h"
#include "engine/cuda/open.h"
#include "engine/cuda/vendor.h"
#include "engine/gpu.h"

namespace rc {
namespace {

class DescribedGpu : public Device {
 public:
  explicit DescribedGpu(const Gpu& gpu) : name_(gpu.name), planner_(cudnn_device(gpu.cudnn_json, gpu.name)) {}

  std::string name() const override { return name_; }
  std::string description() const override { return name_ + ", described, " + vendor_description(); }
  Where where() const override { return {Target::cuda}; }  // some ops ask it while they are planned
  bool asynchronous() const override { return true; }

  Memory reserve(size_t) override { absent("reserve memory"); }
  size_t reserved() const override { return 0; }
  size_t available() const override { return 0; }
  void upload(void*, const void*, size_t) override { absent("upload"); }
  void feed(std::span<const Transfer>) override { absent("feed"); }
  void download(void*, const void*, size_t) override { absent("download"); }
  std::unique_ptr<Arrival> fetch(std::span<const Tensor>) override { absent("fetch"); }
  void fill_zero(void*, size_t) override { absent("fill memory"); }
  void synchronize() override { absent("synchronize"); }
  std::unique_ptr<Recording> record(std::function<void()>) override { absent("record work"); }

  int64_t activation_block(DType, int64_t) const override { return 0; }  // as on the GPU that is there
  std::unique_ptr<Plan> plan(const ConvDesc& d, Direction direction, const Policy& policy) override {
    return planner_.plan(d, direction, policy);
  }
  std::unique_ptr<Plan> plan(const GemmDesc& d, const Policy& policy) override {
    return cublaslt_plan(d, policy, {}, nullptr);
  }

 private:
  [[noreturn]] void absent(const char* what) const {
    throw Error(Exit::device, std::string("a described GPU cannot ") + what, name_);
  }

  std::string name_;
  CudnnPlanner planner_;
};

}  // namespace

std::unique_ptr<Device> described_gpu(const Gpu& gpu) { return std::make_unique<DescribedGpu>(gpu); }

std::string real_gpu_json(int ordinal) {
  const std::string where = "cuda:" + std::to_string(ordinal);
  if (const std::string why = why_no_cuda(); !why.empty()) throw Error(Exit::device, why, where);
  if (ordinal >= cuda_devices())
    throw Error(Exit::device, "there is no such GPU; the driver sees " + std::to_string(cuda_devices()),
                where);
  int bus_width = 0;  // bits; cuDNN does not tell it, the bandwidth follows from it
  cuda_check(cudaDeviceGetAttribute(&bus_width, cudaDevAttrGlobalMemoryBusWidth, ordinal), where);
  const std::vector<char> json = cudnn_device(ordinal).list<char>(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION);
  return with_bus_width({json.data(), json.size()}, bus_width);
}

}  // namespace rc
