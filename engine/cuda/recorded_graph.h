// Work recorded by stream capture and replayed as one CUDA graph.
#pragma once

#include <functional>

#include "engine/cuda/handles.h"
#include "engine/device.h"

namespace rc {

class RecordedGraph : public Recording {
 public:
  // Captures what `work` queues on `stream`; nothing of it runs.
  RecordedGraph(cudaStream_t stream, std::function<void()> work);

  void replay() override;
  // Keeps the instantiated graph where only operands changed, else instantiates anew.
  void update() override;

  size_t nodes() const { return nodes_; }

 private:
  CudaGraph capture();
  void instantiate(const CudaGraph&);

  cudaStream_t stream_;
  std::function<void()> work_;
  CudaGraphExec graph_;
  size_t nodes_ = 0;
};

}  // namespace rc
