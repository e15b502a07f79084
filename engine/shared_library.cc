#include "engine/shared_library.h"

#include <dlfcn.h>

namespace rc {

SharedLibrary::SharedLibrary(const std::string& file, const std::string& hint, Exit code)
    : file_(file), code_(code) {
  std::string why;
  for (const std::string& path : {file, "/usr/local/cuda/lib64/" + file}) {
    handle_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) return;
    if (why.empty()) why = ::dlerror();
  }
  throw Error(code_, "cannot open " + file, why, hint);
}

void* SharedLibrary::symbol(const char* name) const {
  void* found = ::dlsym(handle_, name);
  if (found == nullptr)
    throw Error(code_, file_ + " has no function " + name,
                "it is older than what this program was built for");
  return found;
}

}  // namespace rc
