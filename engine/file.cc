#include "engine/file.h"

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

[[noreturn]] void fail(const std::string& doing, const fs::path& path) {
  throw Error(Exit::data, "cannot " + doing + " " + path.string(), std::strerror(errno));
}

// A descriptor that closes itself.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

std::string read_file(const fs::path& path, uint64_t limit) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat facts;
  if (file.fd < 0 || ::fstat(file.fd, &facts) != 0) fail("read", path);
  if (!S_ISREG(facts.st_mode)) throw Error(Exit::data, "cannot read " + path.string(), "not a regular file");
  const uint64_t size = uint64_t(facts.st_size);
  if (size > limit)
    throw Error(Exit::data, "cannot read " + path.string(),
                std::to_string(size) + " bytes, more than the " + std::to_string(limit) + " allowed");
  std::string bytes(size, '\0');
  for (uint64_t done = 0; done < size;) {
    const ssize_t n = ::read(file.fd, bytes.data() + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("read", path);
    if (n == 0) throw Error(Exit::data, "cannot read " + path.string(), "it became shorter while being read");
    done += uint64_t(n);
  }
  return bytes;
}

void write_file(const fs::path& path, std::string_view bytes) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(Exit::data, "cannot make folder " + folder.string(), error.message());

  std::string temporary = path.string() + ".XXXXXX";
  {
    const Descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};
    if (file.fd < 0) fail("write", path);
    const auto give_up = [&] {
      const int cause = errno;
      ::unlink(temporary.c_str());
      errno = cause;
      fail("write", path);
    };
    for (size_t done = 0; done < bytes.size();) {
      const ssize_t n = ::write(file.fd, bytes.data() + done, bytes.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) give_up();
      done += size_t(n);
    }
    if (::fchmod(file.fd, 0644) != 0 || ::fsync(file.fd) != 0 ||
        ::rename(temporary.c_str(), path.c_str()) != 0)
      give_up();
  }
  const Descriptor parent{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (parent.fd >= 0) ::fsync(parent.fd);  // makes the rename itself durable
}

}  // namespace rc
