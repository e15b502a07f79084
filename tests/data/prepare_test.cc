#include "data/prepare.h"

#include <algorithm>
#include <cmath>

#include "data/faces.h"
#include "data/people.h"
#include "data/synth.h"
#include "engine/file.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

Image side_by_side(const Image& a, const Image& b) {
  Image both(a.height, a.width + b.width);
  for (int y = 0; y < a.height; ++y) {
    std::copy_n(a.at(y, 0), 3 * a.width, both.at(y, 0));
    std::copy_n(b.at(y, 0), 3 * b.width, both.at(y, a.width));
  }
  return both;
}

TEST_SUITE("host") {
  TEST_CASE("prepare: every face of every photograph, and a report of those without") {
    if (!std::filesystem::exists(kLandmarkModel)) {
      MESSAGE("skipped: no landmark model at ", kLandmarkModel);
      return;
    }
    const TemporaryFolder folder;
    const Person a = draw_person(1, 1, 256), b = draw_person(1, 2, 256);
    write_image(folder / "in/photos/one.png", a.face);
    write_image(folder / "in/photos/team/two.png", side_by_side(a.face, b.face));
    write_image(folder / "in/photos/wall.png", noise(200, 200, 1));
    write_file(folder / "in/photos/torn.jpg", "\xFF\xD8\xFF nothing");
    write_file(folder / "in/SOURCE.txt", "licence: none\n");

    PrepareOptions options;
    options.size = 128, options.threads = 2;
    const PrepareReport report = prepare(folder / "in", folder / "out", options);
    CHECK(report.people == 3);
    REQUIRE(report.photos.size() == 4);  // by name: one, team/two, torn, wall
    CHECK(report.photos[1].faces == 2);
    CHECK(contains(report.photos[2].problem, "marker"));
    CHECK(report.photos[3].faces == 0);
    CHECK(report.photos[3].problem.empty());

    const std::vector<Person> people = read_people(folder / "out");
    REQUIRE(people.size() == 3);
    CHECK(people[0].id == "one");
    CHECK(people[1].id == "team-two-1");
    CHECK(people[2].id == "team-two-2");
    CHECK(licence_of(folder / "out") == "none");
    for (const Person& person : people) {
      CHECK(person.face.width == 128);
      // Eyes where aligned crops have them: (0.378, 0.470) and (0.620, 0.469) of the side.
      for (const auto& [eye, x] : {std::pair(kLeftEye, 0.378f), std::pair(kRightEye, 0.62f)}) {
        CHECK(std::abs(centre_of(person.points, eye).x / 128 - x) < 0.03f);
        CHECK(std::abs(centre_of(person.points, eye).y / 128 - 0.47f) < 0.03f);
      }
    }
    CHECK(mean_difference(people[0].face, people[1].face) < 6);  // the same person, found twice
    CHECK(mean_difference(people[1].face, people[2].face) > 10);
    CHECK(contains(read_file(folder / "out/report.csv"), "\"wall.png\",,,,,\n"));
  }
}

}  // namespace
}  // namespace rc
