#include "data/staging.h"

#include "data/parallel.h"
#include "data/process.h"
#include "engine/file.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {
namespace fs = std::filesystem;

size_t entries(const fs::path& folder) {
  return size_t(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_SUITE("unit") {
  TEST_CASE("staging: a folder appears as a whole") {
    const TemporaryFolder folder;
    {
      Staging staging(folder / "a" / "b", false);
      staging.write("sub/file.txt", "text");
      CHECK(!fs::exists(folder / "a" / "b"));
      staging.commit();
    }
    CHECK(read_file(folder / "a/b/sub/file.txt") == "text");
    CHECK(entries(folder / "a") == 1);
  }

  TEST_CASE("staging: given up, nothing is left") {
    const TemporaryFolder folder;
    try {
      Staging staging(folder / "x", false);
      staging.write("file", "text");
      throw 1;
    } catch (int) {
    }
    CHECK(entries(folder.path()) == 0);
  }

  TEST_CASE("staging: what exists is kept, or replaced on demand and only then") {
    const TemporaryFolder folder;
    write_file(folder / "x/old", "old");
    CHECK(contains(error_of(Exit::usage, [&] { Staging(folder / "x", false); }), "--force"));
    {
      Staging staging(folder / "x", true);
      staging.write("new", "new");
      CHECK(fs::exists(folder / "x/old"));
      staging.commit();
    }
    CHECK(!fs::exists(folder / "x/old"));
    CHECK(read_file(folder / "x/new") == "new");
    CHECK(entries(folder.path()) == 1);
  }

  TEST_CASE("parallel_for: every piece once; the first error in order comes out") {
    for (const int threads : {1, 3}) {
      std::vector<int> count(100);
      parallel_for(count.size(), threads, [&](size_t i) { ++count[i]; });
      CHECK(count == std::vector<int>(100, 1));
      const auto work = [](size_t i) {
        if (i == 7 || i == 8) throw Error(Exit::data, std::to_string(i));
      };
      CHECK(error_of(Exit::data, [&] { parallel_for(100, threads, work); }) == "7");
    }
  }

  TEST_CASE("process: output, folder, arguments without a shell") {
    const TemporaryFolder folder;
    CHECK(run_process({"pwd"}, folder.path(), "") == fs::canonical(folder.path()).string() + "\n");
    CHECK(run_process({"printf", "%s", "$HOME; 'x'"}, folder.path(), "") == "$HOME; 'x'");
  }

  TEST_CASE("process: a missing program and a failing one say so") {
    const TemporaryFolder folder;
    const auto run = [&](const std::vector<std::string>& arguments) {
      return error_of(Exit::data, [&] { run_process(arguments, folder.path(), "try this"); });
    };
    CHECK(contains(run({"no-such-program-here"}), "No such file"));
    CHECK(contains(run({"ls", "missing"}), "missing"));
    CHECK(contains(run({"ls", "missing"}), "hint: try this"));
  }
}

}  // namespace
}  // namespace rc
