#include "engine/cuda/cublaslt.h"

#include <cublasLt.h>

#include <algorithm>
#include <type_traits>

#include "engine/cuda/column_major.h"
#include "engine/cuda/workspace.h"
#include "engine/shared_library.h"

namespace rc {
namespace {

struct CublasLt {
  decltype(&cublasLtGetVersion) version;
  decltype(&cublasLtGetStatusString) status_text;
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtDestroy) destroy;
  decltype(&cublasLtMatmulDescCreate) new_matmul;
  decltype(&cublasLtMatmulDescDestroy) destroy_matmul;
  decltype(&cublasLtMatmulDescSetAttribute) set_matmul;
  decltype(&cublasLtMatrixLayoutCreate) new_layout;
  decltype(&cublasLtMatrixLayoutDestroy) destroy_layout;
  decltype(&cublasLtMatmulPreferenceCreate) new_preference;
  decltype(&cublasLtMatmulPreferenceDestroy) destroy_preference;
  decltype(&cublasLtMatmulPreferenceSetAttribute) set_preference;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic;
  decltype(&cublasLtMatmulAlgoConfigGetAttribute) algorithm_attribute;
  decltype(&cublasLtMatmul) matmul;
};

CublasLt open_cublaslt() {
  const std::string major = std::to_string(CUBLAS_VER_MAJOR);
  const SharedLibrary library("libcublasLt.so." + major,
                              "install cuBLAS of CUDA " + major + " where the loader finds it");
  CublasLt api = {};
  library.find(api.version, "cublasLtGetVersion");
  library.find(api.status_text, "cublasLtGetStatusString");
  library.find(api.create, "cublasLtCreate");
  library.find(api.destroy, "cublasLtDestroy");
  library.find(api.new_matmul, "cublasLtMatmulDescCreate");
  library.find(api.destroy_matmul, "cublasLtMatmulDescDestroy");
  library.find(api.set_matmul, "cublasLtMatmulDescSetAttribute");
  library.find(api.new_layout, "cublasLtMatrixLayoutCreate");
  library.find(api.destroy_layout, "cublasLtMatrixLayoutDestroy");
  library.find(api.new_preference, "cublasLtMatmulPreferenceCreate");
  library.find(api.destroy_preference, "cublasLtMatmulPreferenceDestroy");
  library.find(api.set_preference, "cublasLtMatmulPreferenceSetAttribute");
  library.find(api.heuristic, "cublasLtMatmulAlgoGetHeuristic");
  library.find(api.algorithm_attribute, "cublasLtMatmulAlgoConfigGetAttribute");
  library.find(api.matmul, "cublasLtMatmul");
  return api;
}
const CublasLt& lt() {
  static const CublasLt api = open_cublaslt();
  return api;
}

void lt_check(cublasStatus_t status, const std::string& where) {
  if (status != CUBLAS_STATUS_SUCCESS) [[unlikely]]
    throw Error(Exit::device, std::string("cuBLASLt: ") + lt().status_text(status), where);
}

template <auto Member>
struct Destroy {
  template <class T>
  void operator()(T* object) const {
    (lt().*Member)(object);
  }
};
template <class Object, auto Member>
using Owned = std::unique_ptr<std::remove_pointer_t<Object>, Destroy<Member>>;
using Matmul = Owned<cublasLtMatmulDesc_t, &CublasLt::destroy_matmul>;
using Layout = Owned<cublasLtMatrixLayout_t, &CublasLt::destroy_layout>;
using Preference = Owned<cublasLtMatmulPreference_t, &CublasLt::destroy_preference>;

Layout layout(DType dtype, const ColumnMajorGemm::Matrix& matrix, const std::string& where) {
  cublasLtMatrixLayout_t raw = nullptr;
  lt_check(lt().new_layout(&raw, dtype == DType::bf16 ? CUDA_R_16BF : CUDA_R_32F, uint64_t(matrix.rows),
                           uint64_t(matrix.columns), matrix.leading),
           where);
  return Layout(raw);
}

// Sums are f32. CUBLAS_COMPUTE_32F multiplies f32 operands as they are; only its FAST variants round them.
Matmul matmul(const GemmDesc& d, const ColumnMajorGemm& gemm, const Policy& policy,
              const std::string& where) {
  const bool tf32 = d.dtype == DType::f32 && policy.tf32;
  cublasLtMatmulDesc_t raw = nullptr;
  lt_check(lt().new_matmul(&raw, tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, CUDA_R_32F),
           where);
  Matmul made(raw);
  const auto transpose = [&](cublasLtMatmulDescAttributes_t name, bool transposed) {
    const cublasOperation_t op = transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
    lt_check(lt().set_matmul(raw, name, &op, sizeof op), where);
  };
  transpose(CUBLASLT_MATMUL_DESC_TRANSA, gemm.first.transposed);
  transpose(CUBLASLT_MATMUL_DESC_TRANSB, gemm.second.transposed);
  return made;
}

Preference preference(size_t workspace, bool deterministic, const std::string& where) {
  cublasLtMatmulPreference_t raw = nullptr;
  lt_check(lt().new_preference(&raw), where);
  Preference made(raw);
  const auto set = [&](cublasLtMatmulPreferenceAttributes_t name, auto value) {
    lt_check(lt().set_preference(raw, name, &value, sizeof value), where);
  };
  set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, uint64_t(workspace));
  // Parts of a sum that was split are kept in f32 and added by a kernel of their own, in a fixed order. In
  // place, the order would be that of counters.
  if (deterministic)
    set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, uint32_t(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
  for (const auto operand :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
    set(operand, uint32_t(64));  // what the arena and the variables give; the default of 256 would be a lie
  return made;
}

class GemmPlan : public Plan {
 public:
  GemmPlan(const GemmDesc& d, const Policy& policy, CublasLtHandle handle, cudaStream_t stream)
      : gemm_(column_major(d)),
        where_("GEMM " + d.text()),
        matmul_(matmul(d, gemm_, policy, where_)),
        first_(layout(d.dtype, gemm_.first, where_)),
        second_(layout(d.dtype, gemm_.second, where_)),
        out_(layout(DType::f32, gemm_.out, where_)),
        workspace_(std::min(policy.workspace_limit, kGemmWorkspace)),
        handle_(std::move(handle)),
        stream_(stream) {
    if (handle_ != nullptr) choose(policy);
  }

  std::string engine() const override { return engine_; }
  size_t workspace() const override { return workspace_to_reserve(workspace_); }

  void run(const void* a, const void* b, void* out, void* workspace) override {
    check(handle_ != nullptr, "a plan for a described GPU does not run", where_);
    const float alpha = 1;
    lt_check(lt().matmul(handle_.get(), matmul_.get(), &alpha, b, first_.get(), a, second_.get(), &gemm_.beta,
                         out, out_.get(), out, out_.get(), &algorithm_, aligned_workspace(workspace),
                         workspace_, stream_),
             where_);
  }

 private:
  void choose(const Policy& policy) {
    const Preference wanted = preference(workspace_, policy.deterministic, where_);
    cublasLtMatmulHeuristicResult_t result = {};
    int count = 0;
    lt_check(lt().heuristic(handle_.get(), matmul_.get(), first_.get(), second_.get(), out_.get(), out_.get(),
                            wanted.get(), 1, &result, &count),
             where_);
    if (count == 0) throw Error(Exit::device, "cuBLASLt has no algorithm that the policy allows", where_);
    lt_check(result.state, where_);
    algorithm_ = result.algo;
    workspace_ = result.workspaceSize;
    int32_t id = 0;
    size_t written = 0;
    lt_check(lt().algorithm_attribute(&algorithm_, CUBLASLT_ALGO_CONFIG_ID, &id, sizeof id, &written),
             where_);
    engine_ += " " + std::to_string(id);
  }

  ColumnMajorGemm gemm_;
  std::string where_, engine_ = "cublasLt";
  Matmul matmul_;
  Layout first_, second_, out_;
  cublasLtMatmulAlgo_t algorithm_ = {};
  size_t workspace_;
  CublasLtHandle handle_;
  cudaStream_t stream_;
};

}  // namespace

std::string cublaslt_version() {
  const size_t v = lt().version();
  return std::to_string(v / 10000) + "." + std::to_string(v % 10000 / 100) + "." + std::to_string(v % 100);
}

CublasLtHandle new_cublaslt_handle() {
  cublasLtHandle_t raw = nullptr;
  lt_check(lt().create(&raw), "new handle");
  return CublasLtHandle(raw, [](cublasLtHandle_t h) { lt().destroy(h); });
}

std::unique_ptr<Plan> cublaslt_plan(const GemmDesc& d, const Policy& policy, CublasLtHandle handle,
                                    cudaStream_t stream) {
  return std::make_unique<GemmPlan>(d, policy, std::move(handle), stream);
}

}  // namespace rc
