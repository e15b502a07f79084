// The CUDA runtime's objects as values that free themselves, and its errors as ours.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <string>
#include <type_traits>

#include "engine/error.h"

namespace rc {

// Throws Error(device) with the runtime's own text.
inline void cuda_check(cudaError_t status, const std::string& where) {
  if (status == cudaSuccess) [[likely]]
    return;
  cudaGetLastError();  // or the next call would report it again
  throw Error(Exit::device, std::string("CUDA: ") + cudaGetErrorString(status), where);
}

// A handle of the runtime with the function that frees it.
template <auto Free>
struct CudaFree {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);  // its status says what earlier work did, which is reported where that was waited for
  }
};
template <class Handle, auto Free>
using CudaHandle = std::unique_ptr<std::remove_pointer_t<Handle>, CudaFree<Free>>;

using CudaStream = CudaHandle<cudaStream_t, cudaStreamDestroy>;
using CudaEvent = CudaHandle<cudaEvent_t, cudaEventDestroy>;
using CudaGraph = CudaHandle<cudaGraph_t, cudaGraphDestroy>;
using CudaGraphExec = CudaHandle<cudaGraphExec_t, cudaGraphExecDestroy>;
using CudaMemory = CudaHandle<char*, cudaFree>;        // of the device
using PinnedMemory = CudaHandle<char*, cudaFreeHost>;  // of the host, reached by the copy engine

// Streams of ours never wait for the legacy default stream.
inline CudaStream new_stream() {
  cudaStream_t stream = nullptr;
  cuda_check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "new stream");
  return CudaStream(stream);
}
inline CudaEvent new_event() {
  cudaEvent_t event = nullptr;
  cuda_check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "new event");
  return CudaEvent(event);
}
inline PinnedMemory new_pinned(size_t bytes) {
  void* data = nullptr;
  cuda_check(cudaHostAlloc(&data, bytes, cudaHostAllocDefault), "pinned memory");
  return PinnedMemory(static_cast<char*>(data));
}

}  // namespace rc
