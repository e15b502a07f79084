#include "data/path_map.h"

#include "tests/data/fixtures.h"

namespace rc {

TEST_SUITE("unit") {
  TEST_CASE("a path map: whole names, the first that fits, from Windows too") {
    const PathMap map({"/home/ann/data=/data", "D:\\ff\\=/mnt/ff/", "/=/jail", "old="});
    CHECK(map("/home/ann/data/a/0.png") == "/data/a/0.png");
    CHECK(map("/home/ann/database/0.png") == "/jail/home/ann/database/0.png");
    CHECK(map("D:/ff/000/1.png") == "/mnt/ff/000/1.png");
    CHECK(map("old/a.png") == "a.png");
    CHECK(map("a/old/a.png") == "a/old/a.png");
    CHECK(map("old") == "old");
    CHECK(PathMap({"a=b", "a=c"})("a/0.png") == "b/0.png");
    CHECK(PathMap({"a=b=c"})("a/0.png") == "b=c/0.png");
    CHECK(PathMap({})("a/0.png") == "a/0.png");
    for (const char* bad : {"", "=", "a", "=b"})
      CHECK(contains(error_of(Exit::usage, [&] { PathMap({bad}); }), "OLD=NEW"));
    CHECK(with_slashes("a\\b\\c.png") == "a/b/c.png");
  }
}

}  // namespace rc
