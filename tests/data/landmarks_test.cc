#include "data/landmarks.h"

#include <cmath>

#include "data/npy.h"
#include "engine/file.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

TEST_SUITE("unit") {
  TEST_CASE("convex hull: corners alone, each once, in order") {
    const std::vector<Point> points{{2, 2}, {0, 0}, {4, 0}, {2, 0}, {4, 4}, {0, 4}, {1, 3}, {4, 2}, {0, 0}};
    CHECK(convex_hull(points) == std::vector<Point>{{0, 0}, {4, 0}, {4, 4}, {0, 4}});
  }

  TEST_CASE("landmarks: written and read, or refused by shape and value") {
    const TemporaryFolder folder;
    Landmarks points;
    for (size_t i = 0; i < points.size(); ++i) points[i] = {float(i) * 1.25f, 200 - float(i)};
    write_file(folder / "a.npy", encode_landmarks(points));
    CHECK(read_landmarks(folder / "a.npy") == points);

    const std::vector<float> values(162, 1);
    write_file(folder / "81.npy", encode_npy(values, std::array<int64_t, 2>{81, 2}));
    CHECK(contains(error_of(Exit::data, [&] { read_landmarks(folder / "81.npy"); }), "(68, 2)"));
    points[7].y = std::nanf("");
    write_file(folder / "nan.npy", encode_landmarks(points));
    CHECK(contains(error_of(Exit::data, [&] { read_landmarks(folder / "nan.npy"); }), "landmark 7"));
  }
}

}  // namespace
}  // namespace rc
