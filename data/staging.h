// A folder that appears as a whole or not at all: it is filled under a temporary name beside its place and
// renamed when it is complete.
#pragma once

#include <filesystem>
#include <string_view>

namespace rc {

class Staging {
 public:
  // Throws Error(usage) when `target` exists and `replace` is false, Error(data) when its parent cannot be
  // written.
  Staging(const std::filesystem::path& target, bool replace);
  ~Staging();  // without commit(), what was written is removed
  Staging(const Staging&) = delete;

  const std::filesystem::path& path() const { return temporary_; }

  // Writes a file of the folder, with missing parents. May be called from several threads. Throws
  // Error(data).
  void write(const std::filesystem::path& relative, std::string_view bytes) const;

  // Once for all files: to the disk, then renamed. An old folder of that name is gone afterwards.
  void commit();

 private:
  std::filesystem::path target_, temporary_;
};

}  // namespace rc
