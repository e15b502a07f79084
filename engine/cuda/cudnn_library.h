// cuDNN as functions found at run time. Its backend API: everything is a descriptor with attributes, and a
// plan is made for a device that is described, there or not.
#pragma once

#include <cudnn.h>

#include <string>

namespace rc {

struct Cudnn {
  decltype(&cudnnGetVersion) version;
  decltype(&cudnnGetErrorString) status_text;
  decltype(&cudnnGetLastErrorString) last_error;
  decltype(&cudnnCreate) create;
  decltype(&cudnnDestroy) destroy;
  decltype(&cudnnSetStream) set_stream;
  decltype(&cudnnBackendCreateDescriptor) create_descriptor;
  decltype(&cudnnBackendDestroyDescriptor) destroy_descriptor;
  decltype(&cudnnBackendFinalize) finalize;
  decltype(&cudnnBackendSetAttribute) set_attribute;
  decltype(&cudnnBackendGetAttribute) get_attribute;
  decltype(&cudnnBackendExecute) execute;
};

// Opened at the first call. Throws Error(device) where cuDNN is missing or too old to plan for a described
// device.
const Cudnn& cudnn();

std::string cudnn_version();  // "9.19.0"

// Throws Error(device) with cuDNN's own account of what went wrong.
void cudnn_check(cudnnStatus_t, const std::string& where);

}  // namespace rc
