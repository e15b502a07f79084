#include "engine/cuda/cudnn_library.h"

#include "engine/error.h"
#include "engine/shared_library.h"

namespace rc {
namespace {

// The first that takes a device's description (CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR).
constexpr size_t kOldest = 90800;

const std::string kHint = "install cuDNN " + std::to_string(CUDNN_MAJOR) + " where the loader finds it";

std::string text(size_t version) {
  return std::to_string(version / 10000) + "." + std::to_string(version % 10000 / 100) + "." +
         std::to_string(version % 100);
}

Cudnn open_cudnn() {
  const SharedLibrary library("libcudnn.so." + std::to_string(CUDNN_MAJOR), kHint);
  Cudnn api = {};
  library.find(api.version, "cudnnGetVersion");
  library.find(api.status_text, "cudnnGetErrorString");
  library.find(api.last_error, "cudnnGetLastErrorString");
  library.find(api.create, "cudnnCreate");
  library.find(api.destroy, "cudnnDestroy");
  library.find(api.set_stream, "cudnnSetStream");
  library.find(api.create_descriptor, "cudnnBackendCreateDescriptor");
  library.find(api.destroy_descriptor, "cudnnBackendDestroyDescriptor");
  library.find(api.finalize, "cudnnBackendFinalize");
  library.find(api.set_attribute, "cudnnBackendSetAttribute");
  library.find(api.get_attribute, "cudnnBackendGetAttribute");
  library.find(api.execute, "cudnnBackendExecute");
  if (api.version() < kOldest)
    throw Error(Exit::device, "cuDNN " + text(api.version()) + " is too old",
                "this program needs " + text(kOldest) + " or newer", kHint);
  return api;
}

}  // namespace

const Cudnn& cudnn() {
  static const Cudnn api = open_cudnn();
  return api;
}

std::string cudnn_version() { return text(cudnn().version()); }

void cudnn_check(cudnnStatus_t status, const std::string& where) {
  if (status == CUDNN_STATUS_SUCCESS) [[likely]]
    return;
  char detail[1024] = {};
  cudnn().last_error(detail, sizeof detail - 1);
  std::string what = std::string("cuDNN: ") + cudnn().status_text(status);
  if (detail[0] != '\0') what += std::string(": ") + detail;
  throw Error(Exit::device, what, where);
}

}  // namespace rc
