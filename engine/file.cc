#include "engine/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/error.h"
#include "engine/growing_file.h"

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
  GrowingFile file(path);
  file.write(bytes);
  file.finish();
}

}  // namespace rc
