// What this program was built from and by; recorded with every run.
#pragma once

#include <string>

namespace rc {

inline constexpr const char* kVersion = "0.1.0";

std::string git_id();    // the commit, "-dirty" where files differed from it; "unknown" outside a checkout
std::string build_id();  // sha256 of the running executable
std::string compiler();  // "g++ 12.2.0"

}  // namespace rc
