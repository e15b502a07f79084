#include "train/training_state.h"

#include <doctest/doctest.h>

#include <utility>

#include "engine/error.h"

namespace rc {

TEST_SUITE("unit") {
  TEST_CASE("training state: read as written") {
    const TrainingState state = {120, 0.9, 100, 8.25, 8, "abc"};
    const TrainingState read = parse_training_state(to_json_text(state), "state.json");
    CHECK(read.step == 120);
    CHECK(read.best == 0.9);
    CHECK(read.best_step == 100);
    CHECK(read.loss_sum == 8.25);
    CHECK(read.loss_count == 8);
    CHECK(read.data_hash == "abc");
  }

  TEST_CASE("training state: what is no count of steps is refused, not cast") {
    const std::string good = to_json_text({120, 0.9, 100, 8.25, 8, "abc"});
    for (const auto& [from, to] : {std::pair("120", "-1"),
                                   {"120", "1.5"},
                                   {"120", "1e300"},
                                   {"120", "18446744073709551615"},
                                   {"120", "true"},
                                   {"\"best\"", "\"bets\""},
                                   {"8.25", "\"8.25\""},
                                   {"\"abc\"", "null"},
                                   {"{", "["}}) {
      std::string bad = good;
      bad.replace(bad.find(from), std::string_view(from).size(), to);
      CAPTURE(bad);
      try {
        parse_training_state(bad, "state.json");
        FAIL("it was read");
      } catch (const Error& refused) {
        CHECK(refused.code() == Exit::data);
        CHECK(refused.where() == "state.json");
      }
    }
  }
}

}  // namespace rc
