// What a value alone tells of the class, against counting by hand and by an obvious loop.
#include "data/one_sided.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/data/fixtures.h"

namespace rc {

TEST_SUITE("unit") {
  TEST_CASE("a name that only one class has tells all, one that both have tells nothing") {
    std::vector<std::string> names;
    std::vector<int> labels;
    for (int i = 0; i < 40; ++i) names.push_back(i % 2 ? "PNG" : "JPEG"), labels.push_back(i % 2);
    CHECK(telltale_of_names(names, labels).accuracy == 1);
    CHECK(telltale_of_names(names, labels).chance == doctest::Approx(0.5 + 0.75 * std::sqrt(0.1)));
    std::ranges::fill(names, "PNG");
    CHECK(telltale_of_names(names, labels).accuracy == doctest::Approx(0.5));
    for (int i = 0; i < 40; ++i) names[size_t(i)] = std::to_string(i);
    CHECK(telltale_of_names(names, labels).accuracy ==
          doctest::Approx(0.5));  // a name a video: nothing to learn from
    CHECK(telltale_of_names({"a", "b"}, {0, 1}).chance == 1);
  }

  TEST_CASE("a name's shares decide, not its counts: ten times as many fakes are no tell-tale") {
    std::vector<std::string> names;
    std::vector<int> labels;
    for (int i = 0; i < 100; ++i)
      for (int k = 0; k < (i % 2 ? 10 : 1); ++k)
        names.push_back(i % 4 < 2 ? "a" : "b"), labels.push_back(i % 2);
    CHECK(telltale_of_names(names, labels).accuracy < 0.5);
    // 45 of 50 reals and 100 of 500 fakes are "a": (0.9 + 0.8) / 2.
    names.clear(), labels.clear();
    for (int i = 0; i < 50; ++i) names.push_back(i < 45 ? "a" : "b"), labels.push_back(0);
    for (int i = 0; i < 500; ++i) names.push_back(i < 100 ? "a" : "b"), labels.push_back(1);
    CHECK(telltale_of_names(names, labels).accuracy == doctest::Approx(0.85));
  }

  TEST_CASE("numbers: the share of pairs, ties counted half, against all pairs") {
    for (uint32_t round = 0; round < 20; ++round) {
      Rng rng(7, Purpose::test, round);
      std::vector<double> numbers;
      std::vector<int> labels = {0, 0, 1, 1};
      for (size_t i = labels.size(); i < 60; ++i) labels.push_back(int(rng.below(2)));
      for (size_t i = 0; i < labels.size(); ++i) numbers.push_back(rng.below(12) + 3 * labels[i]);
      double wins = 0, pairs = 0;
      for (size_t i = 0; i < labels.size(); ++i)
        for (size_t j = 0; j < labels.size(); ++j)
          if (labels[i] == 0 && labels[j] == 1)
            ++pairs, wins += numbers[j] > numbers[i] ? 1 : numbers[j] == numbers[i] ? 0.5 : 0;
      const double area = wins / pairs;
      CHECK(telltale_of_numbers(numbers, labels).accuracy == doctest::Approx(std::max(area, 1 - area)));
    }
    CHECK(telltale_of_numbers({1, 1, 1, 1}, {0, 0, 1, 1}).accuracy == doctest::Approx(0.5));
    CHECK(telltale_of_numbers({1, 2, 3, 4}, {0, 0, 1, 1}).accuracy == 1);
    CHECK(telltale_of_numbers({4, 3, 2, 1}, {0, 0, 1, 1}).accuracy == 1);
    CHECK(telltale_of_numbers({1, 2}, {0, 1}).chance == 1);
    CHECK(telltale_of_numbers({1, 2, 3, 4}, {0, 0, 1, 1}).chance == 1);  // four videos prove nothing
  }
}

}  // namespace rc
