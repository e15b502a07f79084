// A library that is opened when it is first asked for, so that the program starts where it is missing.
#pragma once

#include <string>

#include "engine/error.h"

namespace rc {

class SharedLibrary {
 public:
  // Looks where the loader looks, then in /usr/local/cuda/lib64. Never closed: vendors' libraries keep
  // threads and handlers. Throws Error(code) with what the loader said, and `hint`.
  SharedLibrary(const std::string& file, const std::string& hint, Exit code = Exit::device);

  // Throws Error(code) where the library has no such function: it is older than the headers were.
  template <class Function>
  void find(Function*& function, const char* name) const {
    function = reinterpret_cast<Function*>(symbol(name));
  }

 private:
  void* symbol(const char* name) const;

  std::string file_;
  Exit code_;
  void* handle_ = nullptr;
};

}  // namespace rc
