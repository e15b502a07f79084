#include "train/replace_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "engine/error.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr const char* kNew = ".new";  // being written, or replaced and not yet removed
constexpr const char* kOld = ".old";  // set aside while the new one takes its name

fs::path beside(const fs::path& path, const char* suffix) {
  return path.parent_path() / ("." + path.filename().string() + suffix);
}

[[noreturn]] void fail(const std::string& doing, const fs::path& path, int cause) {
  throw Error(Exit::data, "cannot " + doing + " " + path.string(), std::strerror(cause));
}

void rename_to(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail("rename " + from.string() + " to", to, errno);
}

void remove_folder(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) fail("remove", path, error.value());
}

// Makes the names in a folder durable.
void sync_folder(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail("open", path, errno);
  ::fsync(fd);
  ::close(fd);
}

// After it, `path` is the new folder and `fresh` the one before, if any.
void take_name(const fs::path& fresh, const fs::path& path) {
  if (!fs::exists(path)) return rename_to(fresh, path);
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail("replace", path, errno);
  rename_to(path, beside(path, kOld));
  rename_to(fresh, path);
  rename_to(beside(path, kOld), fresh);
}

}  // namespace

void replace_folder(const fs::path& path, const std::function<void(const fs::path&)>& write) {
  const fs::path fresh = beside(path, kNew);
  remove_folder(fresh);
  std::error_code error;
  fs::create_directories(fresh, error);
  if (error) fail("make folder", fresh, error.value());
  try {
    write(fresh);
    sync_folder(fresh);
    take_name(fresh, path);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(fresh, ignored);
    throw;
  }
  sync_folder(path.parent_path());
  remove_folder(fresh);  // the one before
}

void recover_folders(const fs::path& parent) {
  std::error_code error;
  const std::vector<fs::path> entries(fs::directory_iterator(parent, error), fs::directory_iterator{});
  for (const fs::path& entry : entries) {
    const std::string name = entry.filename().string();
    if (!name.starts_with(".")) continue;
    const fs::path path = parent / entry.stem().string().substr(1);
    if (name.ends_with(kOld) && !fs::exists(path))
      rename_to(entry, path);
    else if (name.ends_with(kOld) || name.ends_with(kNew))
      remove_folder(entry);
  }
}

}  // namespace rc
