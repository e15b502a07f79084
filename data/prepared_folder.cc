#include "data/prepared_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "engine/error.h"
#include "engine/file.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr const char* kOptions = "prepare.json";
constexpr const char* kNotes = ".prepare";  // hidden: no listing of images or videos looks into it

void refuse(const fs::path& folder, const std::error_code& error) {
  if (error) throw Error(Exit::data, "cannot write folder " + folder.string(), error.message());
}

bool holds_more_than(const char* name, const fs::path& folder) {
  if (!fs::is_directory(folder)) return fs::exists(folder);
  return std::ranges::any_of(fs::directory_iterator(folder),
                             [&](const auto& entry) { return entry.path().filename() != name; });
}

// The names whose values differ, for an error text.
std::string differences(const PreparedFolder::Json& a, const PreparedFolder::Json& b) {
  std::string names;
  for (const auto& [name, value] : b.items())
    if (!a.is_object() || !a.contains(name) || a[name] != value)
      names += (names.empty() ? "" : ", ") + name + " " +
               (a.is_object() && a.contains(name) ? a[name].dump() : "none") + ", now " + value.dump();
  return names;
}

}  // namespace

PreparedFolder::PreparedFolder(const fs::path& path, const Json& options, bool replace) : path_(path) {
  std::error_code error;
  const fs::path record = path / kOptions;
  if (replace) fs::remove_all(path, error), refuse(path, error);
  const bool begun = fs::exists(record);
  if (!begun && holds_more_than(kNotes, path))  // they alone: of a process killed before its first record
    throw Error(Exit::usage, "folder " + path.string() + " already exists", {},
                "choose another one, or replace it with --force");
  if (begun) {
    const Json before = Json::parse(read_file(record, 1 << 20), nullptr, false);
    if (before != options)
      throw Error(Exit::usage, "folder " + path.string() + " was begun otherwise",
                  differences(before, options),
                  "give the same options to go on with it, or begin anew with --force");
  } else {
    write(kOptions, options.dump(2) + "\n");
  }
  lock_ = ::open(record.c_str(), O_RDONLY | O_CLOEXEC);
  if (lock_ < 0 || ::flock(lock_, LOCK_EX | LOCK_NB) != 0)
    throw Error(Exit::usage, "another process is making folder " + path.string());
  fs::remove_all(workplaces(), error), refuse(path, error);
}

PreparedFolder::~PreparedFolder() {
  std::error_code ignored;
  fs::remove_all(workplaces(), ignored);
  if (lock_ >= 0) ::close(lock_);
}

fs::path PreparedFolder::note(size_t i) const { return fs::path(kNotes) / (std::to_string(i) + ".json"); }

std::optional<PreparedFolder::Json> PreparedFolder::done(size_t i) const {
  if (!fs::exists(path_ / note(i))) return {};
  return Json::parse(read_file(path_ / note(i), 1 << 20));
}

fs::path PreparedFolder::workplaces() const { return path_ / kNotes / "work"; }
fs::path PreparedFolder::workplace(size_t i) const { return workplaces() / std::to_string(i); }

void PreparedFolder::write(const fs::path& relative, std::string_view bytes) const {
  const fs::path to = path_ / relative, made = workplaces() / relative.filename();
  write_file(made, bytes);
  std::error_code error;
  fs::create_directories(to.parent_path(), error), refuse(to, error);
  fs::rename(made, to, error), refuse(to, error);
}

void PreparedFolder::begin(size_t i) const {
  std::error_code error;
  fs::remove_all(workplace(i), error), refuse(path_, error);
}

void PreparedFolder::put(size_t i, const fs::path& relative, std::string_view bytes) const {
  const fs::path path = workplace(i) / relative;
  std::error_code error;
  fs::create_directories(path.parent_path(), error), refuse(path_, error);
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), std::streamsize(bytes.size()));
  file.close();
  if (!file) throw Error(Exit::data, "cannot write " + path.string(), std::strerror(errno));
}

void PreparedFolder::keep(size_t i, const std::vector<Move>& moves, const Json& said) const {
  // On the disk before it is named: power may fail as well as processes.
  const int folder = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool safe = folder >= 0 && ::syncfs(folder) == 0;
  const int cause = errno;
  if (folder >= 0) ::close(folder);
  if (!safe) throw Error(Exit::data, "cannot write folder " + path_.string(), std::strerror(cause));

  const fs::path work = workplace(i);
  std::error_code error;
  for (const auto& [from, to] : moves) {
    fs::create_directories((path_ / to).parent_path(), error), refuse(path_ / to, error);
    fs::remove_all(path_ / to, error),
        refuse(path_ / to, error);  // of a process killed between here and the note
    fs::rename(work / from, path_ / to, error), refuse(path_ / to, error);
  }
  write(note(i), said.dump());
  fs::remove_all(work, error);
}

}  // namespace rc
