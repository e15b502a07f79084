#include "data/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <tuple>

#include "engine/error.h"

namespace rc {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw Error(Exit::data, "cannot read " + path.string(), std::strerror(errno));
}

// What tells that a path's file is still the same and as long as it was: bytes behind its end must not be
// touched.
auto identity(const std::filesystem::path& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) refuse(path);
  return std::tuple(s.st_dev, s.st_ino, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) refuse(path);
  struct stat s {};
  void* start = nullptr;
  const bool failed =
      ::fstat(file, &s) != 0 || (s.st_size > 0 && (start = ::mmap(nullptr, size_t(s.st_size), PROT_READ,
                                                                  MAP_SHARED, file, 0)) == MAP_FAILED);
  const int cause = errno;
  ::close(file);
  errno = cause;
  if (failed) refuse(path);
  bytes_ = {static_cast<const uint8_t*>(start), size_t(s.st_size)};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<uint8_t*>(bytes_.data()), bytes_.size());
}

std::shared_ptr<const MappedFile> mapped_file(const std::filesystem::path& path) {
  struct Entry {
    decltype(identity(path)) what;
    std::shared_ptr<const MappedFile> file;
  };
  static std::mutex mutex;
  static std::map<std::string, Entry> open;
  const auto what = identity(path);
  const std::lock_guard lock(mutex);
  Entry& entry = open[path.string()];
  if (!entry.file || entry.what != what) entry = {what, std::make_shared<const MappedFile>(path)};
  return entry.file;
}

}  // namespace rc
