// A file's bytes in memory, read by the system where they are touched.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace rc {

class MappedFile {
 public:
  // Throws Error(data) that names the path.
  explicit MappedFile(const std::filesystem::path&);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;

  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  std::span<const uint8_t> bytes_;
};

// The same mapping for all who ask for a file while it stays what it is. From any thread.
std::shared_ptr<const MappedFile> mapped_file(const std::filesystem::path&);

}  // namespace rc
