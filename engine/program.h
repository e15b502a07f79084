// A graph with its memory: planned once, then run many times without allocating.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/graph.h"

namespace rc {

// A stretch of the arena, and the nodes of the graph that run while it is taken.
struct Buffer {
  size_t offset = 0, bytes = 0;
  int first = 0, last = 0;  // last: the number of nodes for what stays readable after a run
  int value = -1;           // the first value that lies in it; -1: the workspace of node `first`
};

class Program {
 public:
  // Plans the arena. The graph's variables need not be allocated yet; prepare() reserves the arena and binds
  // everything.
  explicit Program(std::unique_ptr<Graph>);

  // Reserves the arena, or takes `shared` if it is large enough: memory that is free whenever this program
  // runs.
  void prepare(const Memory& shared = {});
  // What an inference graph computes of variables alone, such as folded filters, is computed by the first run
  // and kept. Call this when variables changed, and where memory is shared after another program ran: the
  // next run computes it again.
  void variables_changed() { constants_due_ = true; }
  // After prepare(). The first run, and one that is timed, queues op by op; the others replay the device's
  // recording of the whole. The stopwatch gets a mark before each op and one at the end.
  void run(Stopwatch* = nullptr);

  Tensor tensor(Value) const;  // inputs, kept values and variables, after prepare()
  const Graph& graph() const { return *graph_; }
  size_t arena_bytes() const { return arena_bytes_; }  // the plan's peak: exactly what prepare() reserves
  const Memory& arena() const { return arena_; }
  double flops() const;  // of a run, constants not counted

  // The plan itself: buffers that are taken together never overlap.
  const std::vector<Buffer>& buffers() const { return buffers_; }
  const std::vector<size_t>& alive() const { return alive_; }  // bytes taken while each node runs

 private:
  void plan();
  void queue_ops(int first, int last, Stopwatch*);

  std::unique_ptr<Graph> graph_;
  int constants_ = 0;                     // the first nodes
  bool constants_due_ = false;            // before the next run
  std::vector<size_t> offset_;            // by value id; kinds arena and input
  std::vector<size_t> workspace_offset_;  // by node
  std::vector<Buffer> buffers_;
  std::vector<size_t> alive_;
  size_t arena_bytes_ = 0;
  Memory arena_;
  std::vector<Arguments> arguments_;
  bool ran_ = false;  // since prepare(): whatever a library sets up at its first call is set up
  std::unique_ptr<Recording> recording_;
  bool recorded_ = false;  // since prepare()
};

}  // namespace rc
