#include "data/prepare.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <optional>
#include <set>

#include "data/crop.h"
#include "data/csv_field.h"
#include "data/face_track.h"
#include "data/parallel.h"
#include "data/people.h"
#include "data/staging.h"
#include "engine/error.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

bool has_image_name(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  static const std::set<std::string> kKnown{".jpg", ".jpeg", ".png", ".bmp"};
  return kKnown.contains(extension);
}

std::vector<std::string> photos_under(const fs::path& folder) {
  if (!fs::is_directory(folder)) throw Error(Exit::data, "no such folder", folder.string());
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && has_image_name(entry.path()))
      names.push_back(entry.path().lexically_relative(folder).generic_string());
  std::ranges::sort(names);
  if (names.empty()) throw Error(Exit::data, "no photographs (.jpg, .png, .bmp)", folder.string());
  return names;
}

// "women/3.jpg" is person "women-3".
std::string id_of(const std::string& photo) {
  std::string id = photo.substr(0, photo.find_last_of('.'));
  std::ranges::replace(id, '/', '-');
  return id;
}

void require_distinct_ids(const std::vector<std::string>& photos, const fs::path& folder) {
  std::set<std::string> ids;
  for (const std::string& photo : photos)
    if (!ids.insert(id_of(photo)).second)
      throw Error(Exit::data, "two photographs would both be person \"" + id_of(photo) + "\"",
                  (folder / photo).string(), "rename one of them");
}

std::string row(const std::string& photo, const std::string& id, const FaceBox& box) {
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, ",%d,%d,%d,%d\n", int(box.left), int(box.top), int(box.right),
                int(box.bottom));
  return csv_quoted(photo) + ',' + csv_quoted(id) + numbers;
}

}  // namespace

PrepareReport prepare(const fs::path& in, const fs::path& out, const PrepareOptions& options) {
  const fs::path folder = fs::is_directory(in / "photos") ? in / "photos" : in;
  const std::vector<std::string> names = photos_under(folder);
  require_distinct_ids(names, folder);
  Staging staging(out, options.replace);
  const FaceFinder finder;

  PrepareReport report;
  report.photos.resize(names.size());
  std::vector<std::string> rows(names.size());
  parallel_for(names.size(), options.threads, [&](size_t i) {
    report.photos[i].name = names[i];
    std::optional<Image> photo;
    try {
      photo = read_image(folder / names[i]);
    } catch (const Error& error) {
      report.photos[i].problem = error.where().empty() ? error.what() : error.where();
      return;
    }
    const std::vector<Face> faces = finder.find(*photo);
    report.photos[i].faces = int(faces.size());
    for (size_t f = 0; f < faces.size(); ++f) {
      const std::string id = id_of(names[i]) + (faces.size() > 1 ? "-" + std::to_string(f + 1) : "");
      const Affine placement = placement_of(faces[f], options.aligned, options.size, options.margin);
      const Crop crop = crop_face(*photo, faces[f].points, placement, options.size);
      write_person(staging, {id, crop.image, crop.points});
      rows[i] += row(names[i], id, faces[f].box);
    }
  });

  std::string csv = "photo,id,left,top,right,bottom\n";
  for (size_t i = 0; i < names.size(); ++i) {
    report.people += report.photos[i].faces;
    csv += rows[i].empty() ? csv_quoted(names[i]) + ",,,,,\n" : rows[i];
  }
  if (report.people == 0)
    throw Error(Exit::data, "no face found in " + std::to_string(names.size()) + " photographs",
                folder.string(), "faces must look at the camera and be at least 80 pixels wide");
  staging.write("report.csv", csv);
  copy_licence(in, staging);
  staging.commit();
  return report;
}

}  // namespace rc
