#include "engine/nearest.h"

#include <doctest/doctest.h>

namespace rc {
namespace {

TEST_SUITE("unit") {
  TEST_CASE("edit distance: insertions, deletions, replacements") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("flaw", "lawn") == 2);
  }

  TEST_CASE("nearest: the first of the closest, or none that is far") {
    const std::vector<std::string> names{"--seed", "--size", "--speed"};
    CHECK(nearest("--sedd", names) == "--seed");
    CHECK(nearest("--sizes", names) == "--size");
    CHECK(nearest("--seed", names) == "--seed");
    CHECK(nearest("lamp", {"bench", "predict"}).empty());
    CHECK(nearest("x", {}).empty());
  }
}

}  // namespace
}  // namespace rc
