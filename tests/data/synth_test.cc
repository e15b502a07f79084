#include "data/synth.h"

#include "data/people.h"
#include "engine/file.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

TEST_SUITE("unit") {
  TEST_CASE("drawn people: the same for the same numbers, else another person") {
    const Person a = draw_person(1, 0, 96), b = draw_person(1, 1, 96);
    CHECK(draw_person(1, 0, 96).face == a.face);
    CHECK(mean_difference(a.face, b.face) > 10);
    CHECK(mean_difference(a.face, draw_person(2, 0, 96).face) > 10);
    CHECK(a.points != b.points);
    for (const Point p : a.points) {
      CHECK(p.x > 0);
      CHECK(p.x < 96);
      CHECK(p.y > 0);
      CHECK(p.y < 96);
    }
  }

  TEST_CASE("drawn people: a folder that reads back as prepared faces") {
    const TemporaryFolder folder;
    draw_people(folder / "people", 3, 64, 5, false);
    const std::vector<Person> people = read_people(folder / "people");
    REQUIRE(people.size() == 3);
    CHECK(people[2].id == "drawn-0002");
    CHECK(people[2].face == draw_person(5, 2, 64).face);
    CHECK(people[2].points == draw_person(5, 2, 64).points);
    CHECK(licence_of(folder / "people") == "free of rights, nobody's likeness");
    CHECK(licence_of(folder.path()) == "unknown");
  }

  TEST_CASE("prepared faces: what is missing or does not fit is named") {
    const TemporaryFolder folder;
    CHECK(contains(error_of(Exit::data, [&] { read_people(folder.path()); }), "data prepare"));
    draw_people(folder / "people", 2, 64, 5, false);
    write_image(folder / "people/faces/zz.png", noise(64, 64, 1));
    CHECK(contains(error_of(Exit::data, [&] { read_people(folder / "people"); }), "zz.npy"));
    write_file(folder / "people/faces/zz.npy", read_file(folder / "people/faces/drawn-0000.npy"));
    write_image(folder / "people/faces/zz.png", noise(64, 65, 1));
    CHECK(contains(error_of(Exit::data, [&] { read_people(folder / "people"); }), "zz.png is 65x64"));
  }
}

}  // namespace
}  // namespace rc
