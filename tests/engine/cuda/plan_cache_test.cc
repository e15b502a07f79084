// Engines remembered on disk: found again, never believed when damaged.
#include "engine/cuda/plan_cache.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"
#include "tests/data/fixtures.h"
#include "tests/engine/described.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

fs::path only_file_in(const TemporaryFolder& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
    if (entry.is_regular_file()) files.push_back(entry.path());
  REQUIRE(files.size() == 1);
  return files[0];
}

std::string sealed(const std::string& text) { return text + "sha256 " + sha256(text) + "\n"; }

const EngineChoice kChoice{.engine = 62, .knobs = {{12, 3}, {27, -1}}};
const std::string kKey = "cuDNN 9.19.0, a convolution";

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("a kept engine is found by its key alone") {
    const TemporaryFolder folder;
    const PlanCache cache(folder.path() / "new");
    CHECK_FALSE(cache.find(kKey));
    cache.keep(kKey, kChoice);
    CHECK(cache.find(kKey) == kChoice);
    CHECK(PlanCache(folder.path() / "new").find(kKey) == kChoice);
    CHECK_FALSE(cache.find("cuDNN 9.20.0, a convolution"));
    cache.keep(kKey, {.engine = 1, .knobs = {}});
    CHECK(cache.find(kKey) == EngineChoice{.engine = 1, .knobs = {}});
    CHECK(read_file(only_file_in(folder)).ends_with("\n"));
  }

  TEST_CASE("a damaged or hostile file is as if it were not there") {
    const TemporaryFolder folder;
    const PlanCache cache(folder.path());
    cache.keep(kKey, kChoice);
    const fs::path file = only_file_in(folder);
    const std::string good = read_file(file);
    for (size_t i = 0; i < good.size(); ++i) {
      write_file(file, good.substr(0, i));
      CHECK_FALSE(cache.find(kKey));
      std::string flipped = good;
      flipped[i] = char(flipped[i] ^ 1);
      write_file(file, flipped);
      CHECK_FALSE(cache.find(kKey));
    }
    const std::string head = "realcentric plan 1\n" + kKey + "\n";
    std::string many = head + "engine 1\n";
    for (int i = 0; i < 65; ++i) many += "knob 1 1\n";
    for (const std::string& text :
         {head, head + "engine 1", head + "engine x\n", head + "engine 99999999999999999999\n",
          head + "engine 1\nknob 1\n", head + "engine 1\nknob 1 2 3\n", head + "engine 1\nengine 1\n", many,
          "realcentric plan 2\n" + kKey + "\nengine 1\n",
          std::string("realcentric plan 1\nanother key\nengine 1\n"), std::string(1 << 20, 'x')}) {
      write_file(file, sealed(text));
      CAPTURE(text.substr(0, 100));
      CHECK_FALSE(cache.find(kKey));
    }
    write_file(file, sealed(head + "engine 1\n"));
    CHECK(cache.find(kKey));  // the seal of this test is the right one
    fs::remove(file);
    fs::create_directory(file);
    CHECK_FALSE(cache.find(kKey));
    cache.keep(kKey, kChoice);  // cannot, and goes on
    CHECK_FALSE(cache.find(kKey));
  }

  TEST_CASE("without a folder nothing is kept") {
    const PlanCache cache{fs::path()};
    cache.keep(kKey, kChoice);
    CHECK_FALSE(cache.find(kKey));
  }
}

TEST_SUITE("cudnn-plans") {
  TEST_CASE("a remembered engine is taken, and one that does not fit is searched anew") {
    const TemporaryFolder folder;
    const char* before = std::getenv("XDG_CACHE_HOME");
    const std::string kept = before == nullptr ? "" : before;
    ::setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
    const std::unique_ptr<Device> device = described("h100");
    kept.empty() ? ::unsetenv("XDG_CACHE_HOME") : ::setenv("XDG_CACHE_HOME", kept.c_str(), 1);
    if (device == nullptr) return;

    const auto plan = [&](Policy policy = {}) {
      return device->plan(kBlock, Direction::forward, policy)->engine();
    };
    const std::string searched = plan();
    const fs::path file = only_file_in(folder);
    const std::string text = read_file(file);
    CHECK(plan() == searched);

    const auto plant = [&](const std::string& engine) {
      write_file(file, sealed(text.substr(0, text.find("engine ")) + "engine " + engine + "\n"));
    };
    plant("0");  // another that computes the same: it is the file that decides
    CHECK(searched != "eng0");
    CHECK(plan() == "eng0");
    for (const char* unfit : {"9999", "-1", "1\nknob 12 99999999", "1\nknob 4000 1"}) {
      plant(unfit);
      CHECK(plan() == searched);
      CHECK(read_file(file) == text);  // and the file is put right
    }
    write_file(file, "nonsense");
    CHECK(plan() == searched);
    Policy with_tf32;
    with_tf32.tf32 = true;
    plan(with_tf32);  // another policy is another key
    CHECK(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()) == 2);
  }
}

}  // namespace rc
