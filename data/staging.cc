#include "data/staging.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "engine/error.h"

namespace rc {
namespace fs = std::filesystem;

namespace {

// A fresh folder beside `target`, so that renaming it never crosses a file system.
fs::path temporary_beside(const fs::path& target) {
  std::string name = target.string() + ".XXXXXX";
  if (::mkdtemp(name.data()) == nullptr || ::chmod(name.c_str(), 0755) != 0)
    throw Error(Exit::data, "cannot make folder " + target.string(), std::strerror(errno));
  return name;
}

}  // namespace

Staging::Staging(const fs::path& target, bool replace) {
  target_ = fs::absolute(target).lexically_normal();
  if (!target_.has_filename()) target_ = target_.parent_path();  // "a/b/" is "a/b"
  if (fs::exists(target_) && !replace)
    throw Error(Exit::usage, "folder " + target.string() + " already exists", {},
                "choose another one, or replace it with --force");
  std::error_code error;
  fs::create_directories(target_.parent_path(), error);
  if (error) throw Error(Exit::data, "cannot make folder " + target.string(), error.message());
  temporary_ = temporary_beside(target_);
}

Staging::~Staging() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void Staging::write(const fs::path& relative, std::string_view bytes) const {
  const fs::path path = temporary_ / relative;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) throw Error(Exit::data, "cannot make folder " + path.parent_path().string(), error.message());
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), std::streamsize(bytes.size()));
  file.close();
  if (!file) throw Error(Exit::data, "cannot write " + path.string(), std::strerror(errno));
}

void Staging::commit() {
  const int folder = ::open(temporary_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool safe = folder >= 0 && ::syncfs(folder) == 0;
  const int cause = errno;
  if (folder >= 0) ::close(folder);
  if (!safe) throw Error(Exit::data, "cannot write " + target_.string(), std::strerror(cause));

  std::error_code error;
  fs::path old;
  if (fs::exists(target_)) {
    old = temporary_beside(target_);
    fs::rename(target_, old, error);  // onto the empty folder
  }
  if (!error) fs::rename(temporary_, target_, error);
  if (error) throw Error(Exit::data, "cannot rename folder to " + target_.string(), error.message());
  temporary_.clear();
  if (!old.empty()) fs::remove_all(old, error);
}

}  // namespace rc
