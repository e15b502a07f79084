// A tensor on its way into a primitive, or out of it.
#pragma once

#include <optional>

#include "engine/host/onednn_parts.h"

namespace rc::onednn {

// Where a primitive wants a tensor in an order of its own, it gets a copy in the workspace.
class Passage {
 public:
  enum class Way : uint8_t { in, out, both };
  Passage(const Side&, Way, size_t offset);  // of the copy in the workspace

  size_t bytes() const;  // of the copy, rounded; 0 where there is none
  const dnnl::memory& theirs() const { return theirs_; }

  void enter(const void* from, void* workspace);  // the primitive finds what is there
  void place(void* to, void* workspace);          // the primitive writes there, or into the copy
  void leave(void* to);                           // what it wrote into the copy is there

 private:
  dnnl::memory ours_, theirs_;
  size_t offset_;
  std::optional<dnnl::reorder> in_, out_;
};

}  // namespace rc::onednn
