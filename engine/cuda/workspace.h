// Workspaces of vendors' kernels: cuBLASLt refuses one that is not aligned as cudaMalloc aligns, the arena
// gives less.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rc {

inline constexpr size_t kWorkspaceAlignment = 256;
inline constexpr size_t kArenaAlignment = 64;

// What to ask of the arena, so that `bytes` of the kind are in it.
constexpr size_t workspace_to_reserve(size_t bytes) {
  if (bytes == 0) return 0;
  return (bytes + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment + kWorkspaceAlignment -
         kArenaAlignment;
}
// The first such address in it.
inline void* aligned_workspace(void* reserved) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(reserved);
  return reinterpret_cast<void*>((at + kWorkspaceAlignment - 1) / kWorkspaceAlignment * kWorkspaceAlignment);
}

}  // namespace rc
