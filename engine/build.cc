#include "engine/build.h"

#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"

namespace rc {

std::string build_id() {
  try {
    return sha256(read_file("/proc/self/exe")).substr(0, 16);
  } catch (const Error&) {
    return "unknown";
  }
}

}  // namespace rc
