#include "engine/cuda/recorded_graph.h"

namespace rc {

RecordedGraph::RecordedGraph(cudaStream_t stream, std::function<void()> work)
    : stream_(stream), work_(std::move(work)) {
  instantiate(capture());
}

CudaGraph RecordedGraph::capture() {
  cuda_check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "record");
  cudaGraph_t graph = nullptr;
  try {
    work_();
  } catch (...) {
    cudaStreamEndCapture(stream_, &graph);  // the stream is usable again; the half graph goes
    if (graph) cudaGraphDestroy(graph);
    cudaGetLastError();
    throw;
  }
  cuda_check(cudaStreamEndCapture(stream_, &graph), "record");
  CudaGraph captured(graph);
  cuda_check(cudaGraphGetNodes(graph, nullptr, &nodes_), "record");
  return captured;
}

void RecordedGraph::instantiate(const CudaGraph& graph) {
  cudaGraphExec_t executable = nullptr;
  cuda_check(cudaGraphInstantiate(&executable, graph.get(), 0), "record");
  graph_.reset(executable);
  cuda_check(cudaGraphUpload(executable, stream_), "record");
}

void RecordedGraph::replay() { cuda_check(cudaGraphLaunch(graph_.get(), stream_), "replay"); }

void RecordedGraph::update() {
  const CudaGraph graph = capture();
  cudaGraphExecUpdateResultInfo result = {};
  if (cudaGraphExecUpdate(graph_.get(), graph.get(), &result) == cudaSuccess) return;
  cudaGetLastError();
  instantiate(graph);
}

}  // namespace rc
