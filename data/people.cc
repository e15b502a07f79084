#include "data/people.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/file.h"

namespace rc {
namespace fs = std::filesystem;

void write_person(const Staging& folder, const Person& person) {
  folder.write("faces/" + person.id + ".png", encode_png(person.face));
  folder.write("faces/" + person.id + ".npy", encode_landmarks(person.points));
}

std::vector<Person> read_people(const fs::path& folder) {
  const fs::path faces = folder / "faces";
  const std::string hint = "make such a folder with: realcentric data prepare, or realcentric data synth";
  if (!fs::is_directory(faces))
    throw Error(Exit::data, "not a folder of prepared faces", folder.string() + " has no faces/", hint);
  std::vector<std::string> ids;
  for (const fs::directory_entry& entry : fs::directory_iterator(faces))
    if (entry.path().extension() == ".png") ids.push_back(entry.path().stem().string());
  std::ranges::sort(ids);
  if (ids.empty()) throw Error(Exit::data, "no prepared faces", faces.string(), hint);

  std::vector<Person> people;
  for (const std::string& id : ids) {
    people.push_back({id, read_image(faces / (id + ".png")), read_landmarks(faces / (id + ".npy"))});
    const Image &face = people.back().face, &first = people.front().face;
    if (face.height != face.width || face.width != first.width)
      throw Error(Exit::data, "prepared faces must be square and of one size",
                  (faces / (id + ".png")).string() + " is " + std::to_string(face.width) + "x" +
                      std::to_string(face.height) + ", the first is " + std::to_string(first.width) + "x" +
                      std::to_string(first.height),
                  hint);
  }
  return people;
}

void copy_licence(const fs::path& from, const Staging& to) {
  for (const char* name : {"SOURCE.txt", "LICENSE.txt"})
    if (fs::exists(from / name)) to.write(name, read_file(from / name, 1 << 20));
}

std::string licence_of(const fs::path& folder) {
  if (!fs::exists(folder / "SOURCE.txt")) return "unknown";
  const std::string text = "\n" + read_file(folder / "SOURCE.txt", 1 << 20), key = "\nlicence: ";
  const size_t begin = text.find(key);
  if (begin == text.npos) return "unknown";
  return text.substr(begin + key.size(), text.find('\n', begin + 1) - begin - key.size());
}

}  // namespace rc
