// Faults planted on purpose, one for each way in which a rung or a sanitizer must turn red. Never part of an
// ordinary run: the scripts that run the rungs run these alone and demand that they fail.
#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace rc {

TEST_SUITE("planted") {
  TEST_CASE("an assertion fails" * doctest::skip()) { CHECK(1 + 1 == 3); }

  TEST_CASE("a read past the end" * doctest::skip()) {
    const std::vector<int> values(4);
    const volatile size_t past = values.size();
    CHECK(values.data()[past] == values.data()[past]);
  }

  TEST_CASE("a signed overflow" * doctest::skip()) {
    volatile int largest = 2147483647;
    CHECK(largest + 1 != 0);
  }

  TEST_CASE("a data race" * doctest::skip()) {
    int shared = 0;
    std::thread other([&] { ++shared; });
    ++shared;
    other.join();
    CHECK(shared != 0);
  }
}

}  // namespace rc
