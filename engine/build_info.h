// What this program was built from and by; recorded with every run.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace rc {

inline constexpr const char* kVersion = "0.1.0";

std::string git_id();    // the commit, "-dirty" where files differed from it; "unknown" outside a checkout
std::string build_id();  // sha256 of the running executable
std::string compiler();  // "g++ 12.2.0"

// The shared libraries that this process runs with, sorted by name, with the version in the name of the file:
// {"libdnnl", "2.6"}.
std::vector<std::pair<std::string, std::string>> loaded_libraries();

}  // namespace rc
