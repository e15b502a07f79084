#include "train/score_files.h"

#include <set>

#include "data/image.h"
#include "data/listing.h"
#include "engine/error.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

// `seen`: folders by their real names, so that a link to a folder above ends.
void add_files(const fs::path& folder, std::set<fs::path>& seen, FilesToScore& files) {
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  if (error) throw Error(Exit::data, "cannot read folder " + folder.string(), error.message());
  if (!seen.insert(real).second) return;
  for (const std::string& name : images_in(folder)) files.images.push_back(folder / name);
  for (const std::string& name : videos_in(folder)) files.videos.push_back(folder / name);
  for (const std::string& name : folders_in(folder)) add_files(folder / name, seen, files);
}

}  // namespace

FilesToScore files_at(std::span<const fs::path> paths) {
  FilesToScore files;
  std::set<fs::path> seen;
  std::error_code ignored;
  for (const fs::path& path : paths)
    if (fs::is_directory(path, ignored))
      add_files(path, seen, files);
    else
      (is_video_name(path.native()) ? files.videos : files.images).push_back(path);
  return files;
}

std::vector<FileScore> score_files(Scorer& scorer, std::span<const fs::path> files, const NetworkInput& input,
                                   bool explained) {
  std::vector<FileScore> out(files.size());
  const auto image = [&](size_t i) {
    try {
      return input.of(read_image(files[i], input.smallest_decoded()));
    } catch (const Error& error) {
      out[i].problem = error.text();
      return Image(input.size, input.size);  // keeps the row's place in its batch
    }
  };
  std::function<void(size_t, Inspection)> inspected;
  if (explained) inspected = [&](size_t i, Inspection seen) { out[i].fake = std::move(seen.fake); };
  const std::vector<Score> scores = scorer.run(files.size(), image, {}, inspected);
  for (size_t i = 0; i < files.size(); ++i) out[i].score = scores[i];
  return out;
}

}  // namespace rc
