// Libraries that are opened late: what is said where one is missing.
#include "engine/shared_library.h"

#include <doctest/doctest.h>

#include "engine/error.h"

namespace rc {

TEST_SUITE("unit") {
  TEST_CASE("a library that is missing is named, with the loader's words and a hint") {
    try {
      SharedLibrary("libcudnn.so.999", "install it");
      CHECK(false);
    } catch (const Error& error) {
      CHECK(error.code() == Exit::device);
      CHECK(error.text().find("cannot open libcudnn.so.999") != std::string::npos);
      CHECK(error.text().find("No such file") != std::string::npos);
      CHECK(error.text().find("hint: install it") != std::string::npos);
    }
  }

  TEST_CASE("a function that a library does not have is named") {
    const SharedLibrary library("libm.so.6", "");
    double (*found)(double) = nullptr;
    library.find(found, "cos");
    CHECK(found(0) == 1);
    CHECK_THROWS_WITH_AS(library.find(found, "cudnnCreate"), "libm.so.6 has no function cudnnCreate", Error);
  }
}

}  // namespace rc
