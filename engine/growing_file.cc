#include "engine/growing_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "engine/error.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr size_t kBuffer = 1 << 16;

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

GrowingFile::GrowingFile(fs::path path) : path_(std::move(path)), temporary_(path_.string() + ".XXXXXX") {
  std::error_code error;
  fs::create_directories(folder_of(path_), error);
  if (error) throw Error(Exit::data, "cannot make folder " + folder_of(path_).string(), error.message());
  fd_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
  if (fd_ < 0) throw Error(Exit::data, "cannot write " + path_.string(), std::strerror(errno));
}

GrowingFile::~GrowingFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

void GrowingFile::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBuffer) {
    flush(buffer_);
    buffer_.clear();
  }
  if (bytes.size() > kBuffer)
    flush(bytes);
  else
    buffer_ += bytes;
}

void GrowingFile::finish() {
  flush(buffer_);
  if (::fchmod(fd_, 0644) != 0 || ::fsync(fd_) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0)
    give_up();
  ::close(fd_);
  fd_ = -1;
  const int folder = ::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);  // makes the rename itself durable
  ::close(folder);
}

void GrowingFile::flush(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) give_up();
    bytes.remove_prefix(size_t(n));
  }
}

// The destructor removes what there is.
void GrowingFile::give_up() {
  throw Error(Exit::data, "cannot write " + path_.string(), std::strerror(errno));
}

}  // namespace rc
