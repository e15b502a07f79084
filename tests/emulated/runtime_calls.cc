// The functions below stand before the emulator's of the same names: the program's own symbols win. Each
// counts and passes on.
#include "tests/emulated/runtime_calls.h"

#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <ptxemu.h>

namespace rc {

RuntimeCalls& runtime_calls() {
  static RuntimeCalls calls;
  return calls;
}

void RuntimeCalls::clear() {
  allocations = frees = waits = event_waits = graph_launches = 0;
  queued.clear();
}

namespace {

template <class Function>
Function next(Function, const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

void queue(const std::string& what, size_t size) {
  runtime_calls().queued.push_back(what + std::to_string(size));
}

}  // namespace
}  // namespace rc

using rc::runtime_calls;
#define RC_NEXT(name) rc::next(&name, #name)

cudaError_t cudaGetDeviceCount(int* count) {
  if (runtime_calls().count_status != cudaSuccess) return runtime_calls().count_status;
  return RC_NEXT(cudaGetDeviceCount)(count);
}
cudaError_t cudaDriverGetVersion(int* version) {
  if (runtime_calls().driver < 0) return RC_NEXT(cudaDriverGetVersion)(version);
  *version = runtime_calls().driver;
  return cudaSuccess;
}
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* facts, const void* function) {
  if (runtime_calls().code_status != cudaSuccess) return runtime_calls().code_status;
  using Look = cudaError_t(cudaFuncAttributes*, const void*);  // nvcc has a template of the same name
  return rc::next(static_cast<Look*>(&cudaFuncGetAttributes), "cudaFuncGetAttributes")(facts, function);
}
cudaError_t cudaMalloc(void** p, size_t n) {
  ++runtime_calls().allocations;
  return RC_NEXT(cudaMalloc)(p, n);
}
cudaError_t cudaHostAlloc(void** p, size_t n, unsigned flags) {
  ++runtime_calls().allocations;
  return RC_NEXT(cudaHostAlloc)(p, n, flags);
}
cudaError_t cudaFree(void* p) {
  ++runtime_calls().frees;
  if (runtime_calls().free_at_once) return pe_free(p) == 0 ? cudaSuccess : cudaErrorInvalidValue;
  return RC_NEXT(cudaFree)(p);
}
cudaError_t cudaFreeHost(void* p) {
  ++runtime_calls().frees;
  return RC_NEXT(cudaFreeHost)(p);
}
cudaError_t cudaStreamSynchronize(cudaStream_t s) {
  ++runtime_calls().waits;
  return RC_NEXT(cudaStreamSynchronize)(s);
}
cudaError_t cudaDeviceSynchronize() {
  ++runtime_calls().waits;
  return RC_NEXT(cudaDeviceSynchronize)();
}
cudaError_t cudaEventSynchronize(cudaEvent_t e) {
  ++runtime_calls().event_waits;
  return RC_NEXT(cudaEventSynchronize)(e);
}
cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t e, unsigned flags) {
  if (runtime_calls().drop_stream_waits) return cudaSuccess;
  return RC_NEXT(cudaStreamWaitEvent)(s, e, flags);
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t n, cudaMemcpyKind kind, cudaStream_t s) {
  rc::queue("copy " + std::to_string(int(kind)) + " ", n);
  return RC_NEXT(cudaMemcpyAsync)(to, from, n, kind, s);
}
cudaError_t cudaMemsetAsync(void* p, int value, size_t n, cudaStream_t s) {
  rc::queue("fill ", n);
  return RC_NEXT(cudaMemsetAsync)(p, value, n, s);
}
cudaError_t cudaLaunchHostFunc(cudaStream_t s, cudaHostFn_t function, void* data) {
  rc::queue("host function ", 1);
  return RC_NEXT(cudaLaunchHostFunc)(s, function, data);
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t s) {
  ++runtime_calls().graph_launches;
  return RC_NEXT(cudaGraphLaunch)(graph, s);
}
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  const cudaError_t status = RC_NEXT(cudaGraphGetNodes)(graph, nodes, count);
  runtime_calls().graph_nodes = *count;
  return status;
}
// What nvcc's stubs call; not in the public headers.
extern "C" cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments,
                                          size_t shared, cudaStream_t s) {
  const auto handle = std::to_string(reinterpret_cast<uintptr_t>(kernel));
  rc::queue("kernel " + handle + " of " + std::to_string(block.x) + " threads x ", grid.x);
  return RC_NEXT(__cudaLaunchKernel)(kernel, grid, block, arguments, shared, s);
}
