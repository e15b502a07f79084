// Talking to another program: answers come back, and one that is not there or ends is an error with the hint.
#include "tools/line_process.h"

#include <doctest/doctest.h>

#include "tests/data/fixtures.h"

namespace rc {

TEST_SUITE("unit") {
  TEST_CASE("lines go to a program and come back") {
    LineProcess echo({"cat"}, "");
    CHECK(echo.ask("step 1") == "step 1");
    CHECK(echo.ask(std::string(10000, 'x')) == std::string(10000, 'x'));
  }

  TEST_CASE("two lines at once are two answers") {
    LineProcess two({"printf", "first\nsecond\n"}, "");
    CHECK(two.read() == "first");
    CHECK(two.read() == "second");
  }

  TEST_CASE("a program that is not there, or has ended, is an error with the hint") {
    const std::string missing =
        error_of(Exit::data, [] { LineProcess({"no-such-program-anywhere"}, "install it"); });
    CHECK(contains(missing, "no-such-program-anywhere"));
    CHECK(contains(missing, "hint: install it"));

    LineProcess ended({"true"}, "start it again");
    CHECK(contains(error_of(Exit::data, [&] { ended.read(); }), "start it again"));
    // A broken pipe must not kill the asking program.
    CHECK(contains(error_of(Exit::data, [&] { ended.ask("step 1"); }), "start it again"));
  }
}

}  // namespace rc
