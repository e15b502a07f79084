// Where the files of an index lie on this machine, when it was made on another.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rc {

class PathMap {
 public:
  // Of texts "OLD=NEW". Throws Error(usage) for one without "=" or with nothing before it.
  explicit PathMap(const std::vector<std::string>& texts);

  // The path with NEW in place of the first OLD that it lies in: of whole names, "/data" is no part of
  // "/database". Backslashes of OLD count as slashes; `path` has none. NEW may be empty: what is left is
  // relative to the index's root.
  std::string operator()(std::string path) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// Slashes in place of the backslashes that Windows writes.
std::string with_slashes(std::string_view path);

}  // namespace rc
