// Every input of the corpus is read or refused, by the program as it ships. Among them is all that fuzzing
// has found.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/file.h"
#include "tests/fuzz/targets.h"

namespace rc {

namespace fs = std::filesystem;

TEST_SUITE("fuzz") {
  TEST_CASE("the corpus is read or refused") {
    std::set<std::string> folders;
    for (const fs::directory_entry& folder : fs::directory_iterator("tests/fuzz/corpus"))
      folders.insert(folder.path().filename());
    for (const fuzz::Target& target : fuzz::targets()) {
      CAPTURE(target.name);
      CHECK(folders.erase(target.name) == 1);
      size_t inputs = 0;
      for (const fs::directory_entry& file :
           fs::directory_iterator("tests/fuzz/corpus/" + std::string(target.name))) {
        CAPTURE(file.path());
        CHECK_NOTHROW(fuzz::read_or_refuse(target, read_file(file.path())));
        ++inputs;
      }
      CHECK(inputs > 1);
    }
    CHECK(folders.empty());
  }

  TEST_CASE("what is neither read nor refused is seen") {
    const fuzz::Target bug = {"bug", [](std::string_view) { throw std::runtime_error("a bug"); }};
    CHECK_THROWS(fuzz::read_or_refuse(bug, ""));
  }
}

}  // namespace rc
