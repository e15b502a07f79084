// The unit, host and fibers rungs in one doctest program; one test suite per rung.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
