#include "engine/build_info.h"

#include <filesystem>
#include <fstream>
#include <map>

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

std::vector<std::pair<std::string, std::string>> loaded_libraries() {
  std::map<std::string, std::string> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const size_t path = line.find('/');
    if (path == std::string::npos) continue;
    const std::string file = std::filesystem::path(line.substr(path)).filename().string();
    if (const size_t dot = file.find(".so."); dot != std::string::npos)
      found[file.substr(0, dot)] = file.substr(dot + 4);
  }
  return {found.begin(), found.end()};
}

}  // namespace rc
