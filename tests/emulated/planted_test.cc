// Every fault of planted.h is seen, those of timing and of memory that nobody wrote by the checkers alone.
#include <doctest/doctest.h>

#include <cstdlib>
#include <vector>

#include "tests/emulated/emulator.h"
#include "tests/emulated/planted.h"
#include "tests/kernels/on_targets.h"

namespace rc {
namespace {

template <class Kernel>
std::string complaints_about(const Kernel& kernel) {
  return complaints([&] { enter<Target::cuda>(kernel, kernel.grid(), nullptr); });
}

bool checked() { return std::getenv("PTXEMU_CHECK") != nullptr; }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("emulated") {
  TEST_CASE("what stops a kernel is seen: bounds, alignment, barriers, limits") {
    const std::vector<float> x(300, 1);
    std::vector<float> y(300);
    CHECK(contains(complaints_about(TailByOne{x.data(), y.data(), 300}), "out-of-bounds global read"));
    CHECK(contains(complaints_about(MisalignedLoad{x.data() + 1, y.data(), 256}), "misaligned"));
    CHECK(contains(complaints_about(DivergentBarrier{y.data()}), "divergent barrier"));
    CHECK(contains(complaints_about(SharedBeyondLimit{y.data()}), "MaxDynamicSharedMemorySize"));
    float on_the_stack = 0;
    CHECK(contains(complaints_about(BlocksCollide{&on_the_stack}), "out-of-bounds global"));
  }

  TEST_CASE("races and unwritten values are seen by the checkers") {
    const std::vector<float> x(300, 1);
    std::vector<float> y(300);
    const auto seen = [](const std::string& said, const std::string& what) {
      return checked() ? contains(said, what) : said.empty();
    };
    CHECK(seen(complaints_about(MissingBarrier{x.data(), y.data(), 300}), "race: "));
    CHECK(seen(complaints_about(BlocksCollide{y.data()}), "race(inter-block)"));
    CHECK(seen(complaints_about(UnwrittenShared{y.data(), 300}), "uninitialised shared"));
  }

  TEST_CASE("kernels without a fault pass, also right after one with a fault") {
    const std::vector<float> x(300, 1);
    std::vector<float> y(300);
    complaints_about(TailByOne{x.data(), y.data(), 300});
    CHECK(complaints_about(TailByOne{x.data(), y.data(), 299}) == "");
    CHECK(y == std::vector<float>(300, 1));
    CHECK(complaints_about(MisalignedLoad{x.data(), y.data(), 300}) == "");
  }
}

// Must fail: the script that runs this rung demands it.
TEST_SUITE("planted") {
  TEST_CASE("a kernel with a race" * doctest::skip()) {
    const std::vector<float> x(300, 1);
    std::vector<float> y(300);
    const MissingBarrier kernel{x.data(), y.data(), 300};
    run_to_the_end(Target::cuda, [&] { enter<Target::cuda>(kernel, kernel.grid(), nullptr); });
  }
}

}  // namespace rc
