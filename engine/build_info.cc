#include "engine/build_info.h"

#include "engine/file.h"
#include "engine/sha256.h"

#ifndef RC_GIT_ID  // given by the Makefile
#define RC_GIT_ID "unknown"
#endif

namespace rc {

std::string git_id() { return RC_GIT_ID; }

std::string build_id() { return sha256(read_file("/proc/self/exe")); }

std::string compiler() {
#ifdef __clang__
  return "clang++ " + std::string(__clang_version__);
#else
  return "g++ " + std::string(__VERSION__);
#endif
}

}  // namespace rc
