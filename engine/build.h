// Which program this is. The build id is the hash of the running binary: two builds of the same source with
// the same tools have the same one, and no build writes its own.
#pragma once

#include <string>

namespace rc {

inline constexpr const char* kVersion = "0.1.0";

std::string build_id();  // 16 hexadecimal digits; "unknown" where the binary cannot be read

}  // namespace rc
