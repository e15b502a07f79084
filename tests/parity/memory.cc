// Replaces operator new and delete by memory that both the CPU and the GPU reach, so that the tests of
// kernels, whose operands are vectors, run on a GPU as they are.
#include "tests/emulated/memory.h"

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace rc {
namespace {

constexpr size_t kHeader = 64;  // before the memory that is given out; keeps any alignment asked for here

enum class Kind : char { managed, ordinary };

// While it is above 0, memory is the host's: for tests that say so, and for the runtime, which allocates
// while it is asked.
thread_local int ordinary = 0;

void* allocate(size_t bytes) {
  void* block = nullptr;
  Kind kind = Kind::ordinary;
  if (ordinary == 0) {
    const OrdinaryMemory ours;
    if (cudaMallocManaged(&block, bytes + kHeader, cudaMemAttachGlobal) == cudaSuccess) kind = Kind::managed;
  }
  if (kind == Kind::ordinary)
    block = std::aligned_alloc(kHeader, (bytes + 2 * kHeader - 1) / kHeader * kHeader);
  if (!block) throw std::bad_alloc();
  *static_cast<Kind*>(block) = kind;
  return static_cast<char*>(block) + kHeader;
}

void release(void* given) {
  if (!given) return;
  void* block = static_cast<char*>(given) - kHeader;
  if (*static_cast<Kind*>(block) == Kind::ordinary) return std::free(block);
  const OrdinaryMemory ours;
  cudaFree(block);
}

}  // namespace

OrdinaryMemory::OrdinaryMemory() { ++ordinary; }
OrdinaryMemory::~OrdinaryMemory() { --ordinary; }

}  // namespace rc

void* operator new(size_t n) { return rc::allocate(n); }
void* operator new[](size_t n) { return rc::allocate(n); }
void operator delete(void* p) noexcept { rc::release(p); }
void operator delete[](void* p) noexcept { rc::release(p); }
void operator delete(void* p, size_t) noexcept { rc::release(p); }
void operator delete[](void* p, size_t) noexcept { rc::release(p); }
