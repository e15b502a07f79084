#include "engine/host/caches.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>

#include "tests/data/fixtures.h"

namespace rc {
namespace {

TEST_SUITE("unit") {
  TEST_CASE(
      "past the caches goes what half of the largest one cannot hold, and nothing where it is unknown") {
    const TemporaryFolder folder;
    const auto caches = folder.path().string();
    CHECK(bytes_left_to_caches(caches) == SIZE_MAX);
    const auto add = [&](const std::string& index, const std::string& size) {
      std::filesystem::create_directory(folder / index);
      std::ofstream(folder / index / "size") << size << "\n";
    };
    add("index0", "not a size");
    CHECK(bytes_left_to_caches(caches) == SIZE_MAX);
    add("index1", "32K"), add("index2", "1024K"), add("index3", "32768K");
    CHECK(bytes_left_to_caches(caches) == 16 << 20);
  }
}

}  // namespace
}  // namespace rc
