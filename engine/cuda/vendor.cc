#include "engine/cuda/vendor.h"

#include "engine/cuda/cublaslt.h"
#include "engine/cuda/cudnn_plan.h"

namespace rc {
namespace {

class CudnnAndCublasLt : public CudaVendor {
 public:
  CudnnAndCublasLt(int ordinal, cudaStream_t stream)
      : convolutions_(cudnn_device(ordinal), new_cudnn_handle(stream)),
        gemms_(new_cublaslt_handle()),
        stream_(stream) {}

  std::string description() const override { return vendor_description(); }
  std::unique_ptr<Plan> plan(const ConvDesc& d, Direction direction, const Policy& policy) override {
    return convolutions_.plan(d, direction, policy);
  }
  std::unique_ptr<Plan> plan(const GemmDesc& d, const Policy& policy) override {
    return cublaslt_plan(d, policy, gemms_, stream_);
  }

 private:
  CudnnPlanner convolutions_;
  CublasLtHandle gemms_;
  cudaStream_t stream_;
};

}  // namespace

std::string vendor_description() { return "cuDNN " + cudnn_version() + ", cuBLASLt " + cublaslt_version(); }

std::unique_ptr<CudaVendor> open_vendor(int ordinal, cudaStream_t stream) {
  return std::make_unique<CudnnAndCublasLt>(ordinal, stream);
}

}  // namespace rc
