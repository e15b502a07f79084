#include "train/score_files.h"

#include <set>

#include "data/augment.h"
#include "data/image.h"
#include "data/listing.h"
#include "engine/error.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

// `seen`: folders by their real names, so that a link to a folder above ends.
void add_images(const fs::path& folder, std::set<fs::path>& seen, std::vector<fs::path>& images) {
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  if (error) throw Error(Exit::data, "cannot read folder " + folder.string(), error.message());
  if (!seen.insert(real).second) return;
  for (const std::string& name : images_in(folder)) images.push_back(folder / name);
  for (const std::string& name : folders_in(folder)) add_images(folder / name, seen, images);
}

}  // namespace

std::vector<fs::path> images_at(std::span<const fs::path> paths) {
  std::vector<fs::path> images;
  std::set<fs::path> seen;
  std::error_code ignored;
  for (const fs::path& path : paths)
    fs::is_directory(path, ignored) ? add_images(path, seen, images) : images.push_back(path);
  return images;
}

std::vector<FileScore> score_files(Scorer& scorer, std::span<const fs::path> files, int size) {
  std::vector<FileScore> out(files.size());
  const std::vector<Score> scores = scorer.run(files.size(), [&](size_t i) {
    try {
      return augment(read_image(files[i]), Augmentation::none(), size, 0, 0, 0, 0).image;
    } catch (const Error& error) {
      out[i].problem = error.text();
      return Image(size, size);  // keeps the row's place in its batch
    }
  });
  for (size_t i = 0; i < files.size(); ++i) out[i].score = scores[i];
  return out;
}

}  // namespace rc
