#include "engine/cuda/shared_library.h"

#include <dlfcn.h>

#include "engine/error.h"

namespace rc {

SharedLibrary::SharedLibrary(const std::string& file, const std::string& hint) : file_(file) {
  std::string why;
  for (const std::string& path : {file, "/usr/local/cuda/lib64/" + file}) {
    handle_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) return;
    if (why.empty()) why = ::dlerror();
  }
  throw Error(Exit::device, "cannot open " + file, why, hint);
}

void* SharedLibrary::symbol(const char* name) const {
  void* found = ::dlsym(handle_, name);
  if (found == nullptr)
    throw Error(Exit::device, file_ + " has no function " + name,
                "it is older than what this program was built for");
  return found;
}

}  // namespace rc
