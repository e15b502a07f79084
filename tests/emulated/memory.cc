// Replaces operator new and delete, so that kernels under the emulator reach the vectors of the tests.
//
// The emulator brings a C++ library of its own, so what it allocates does not come here.
// It does not see what the host writes, so this memory counts as initialised; it does watch the
// shared memory of kernels and what the engine takes by cudaMalloc. Tests fill what a kernel is to write with
// NaN or with a value that it cannot give.
#include "tests/emulated/memory.h"

#include <ptxemu.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace rc {
namespace {

std::atomic<int> ordinary{0};

struct Header {  // right before the memory that is given out
  void* block;
  bool on_gpu;
};

void* allocate(size_t bytes, size_t alignment) {
  const size_t before = (sizeof(Header) + alignment - 1) / alignment * alignment;
  void* block = std::aligned_alloc(alignment, (before + bytes + alignment - 1) / alignment * alignment);
  if (!block) throw std::bad_alloc();
  char* given = static_cast<char*>(block) + before;
  Header& header = reinterpret_cast<Header*>(given)[-1];
  header = {block, ordinary == 0 && bytes > 0};
  if (header.on_gpu) pe_register(given, bytes, 1);
  return given;
}

void release(void* given) {
  if (!given) return;
  const Header header = static_cast<Header*>(given)[-1];
  if (header.on_gpu) pe_unregister(given);
  std::free(header.block);
}

constexpr size_t kAlignment = alignof(std::max_align_t);

}  // namespace

OrdinaryMemory::OrdinaryMemory() { ++ordinary; }
OrdinaryMemory::~OrdinaryMemory() { --ordinary; }

}  // namespace rc

void* operator new(size_t n) { return rc::allocate(n, rc::kAlignment); }
void* operator new[](size_t n) { return rc::allocate(n, rc::kAlignment); }
void* operator new(size_t n, std::align_val_t a) { return rc::allocate(n, size_t(a)); }
void* operator new[](size_t n, std::align_val_t a) { return rc::allocate(n, size_t(a)); }
void operator delete(void* p) noexcept { rc::release(p); }
void operator delete[](void* p) noexcept { rc::release(p); }
void operator delete(void* p, size_t) noexcept { rc::release(p); }
void operator delete[](void* p, size_t) noexcept { rc::release(p); }
void operator delete(void* p, std::align_val_t) noexcept { rc::release(p); }
void operator delete[](void* p, std::align_val_t) noexcept { rc::release(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { rc::release(p); }
void operator delete[](void* p, size_t, std::align_val_t) noexcept { rc::release(p); }
