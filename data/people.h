// A folder of prepared faces, one person each: faces/<id>.png, faces/<id>.npy (68 landmarks in the crop's
// coordinates), report.csv and, where they are known, SOURCE.txt and LICENSE.txt of the photographs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/image.h"
#include "data/landmarks.h"
#include "data/staging.h"

namespace rc {

struct Person {
  std::string id;
  Image face;  // square
  Landmarks points;
};

void write_person(const Staging& folder, const Person&);

// All of a folder, sorted by id. Throws Error(data) where there is none, a face has no landmarks or is not
// square, or sizes differ.
std::vector<Person> read_people(const std::filesystem::path& folder);

// SOURCE.txt and LICENSE.txt go with the pictures wherever they go.
void copy_licence(const std::filesystem::path& from, const Staging& to);

// What SOURCE.txt says after "licence: "; "unknown" without it.
std::string licence_of(const std::filesystem::path& folder);

}  // namespace rc
