// Rows as CSV and JSON: quoting, numbers, and what reads them back.
#include "train/row.h"

#include <doctest/doctest.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/rng.h"

namespace rc {

TEST_SUITE("unit") {
  TEST_CASE("rows: shortest numbers that read back, NaN as null or empty") {
    CHECK(number_text(0.1) == "0.1");
    CHECK(number_text(0.1f) == "0.1");
    CHECK(number_text(1.0) == "1");
    CHECK(number_text(2e-4) == "2e-04");
    CHECK(number_text(-NAN) == "nan");
    const Row row = {{"a", int64_t(-3)}, {"b", 0.5}, {"c", double(NAN)}, {"d", double(INFINITY)}, {"e", "x"}};
    CHECK(csv_line(row) == "-3,0.5,,inf,x\n");
    CHECK(json_line(row) == "{\"a\":-3,\"b\":0.5,\"c\":null,\"d\":null,\"e\":\"x\"}\n");
    for (uint32_t i = 0; i < 1000; ++i) {
      Rng rng(1, Purpose::test, i);
      const double x = std::ldexp(double(rng.next()), int(rng.below(200)) - 100);
      const std::string text = number_text(x);
      double back = 0;
      std::from_chars(text.data(), text.data() + text.size(), back);
      CHECK(back == x);
    }
  }

  TEST_CASE("rows: RFC 4180 quoting, there and back") {
    CHECK(csv_field("plain name") == "plain name");
    CHECK(csv_field("a,b") == "\"a,b\"");
    CHECK(csv_field("say \"x\"") == "\"say \"\"x\"\"\"");
    const Row row = {{"na,me", "a,b"}, {"x", "line\nbreak"}, {"y", ""}, {"z", "\""}};
    const auto records = parse_csv(csv_header(row) + csv_line(row), "t.csv");
    REQUIRE(records.size() == 2);
    CHECK(records[0] == std::vector<std::string>{"na,me", "x", "y", "z"});
    CHECK(records[1] == std::vector<std::string>{"a,b", "line\nbreak", "", "\""});
  }

  TEST_CASE("rows: CSV as others write it, and an open quote") {
    CHECK(parse_csv("", "t").empty());
    CHECK(parse_csv("a,b\r\n1,\n", "t") == std::vector<std::vector<std::string>>{{"a", "b"}, {"1", ""}});
    CHECK(parse_csv("a", "t") == std::vector<std::vector<std::string>>{{"a"}});
    try {
      parse_csv("a\n\"b\nc", "t.csv");
      FAIL("no error");
    } catch (const Error& e) {
      CHECK(std::string(e.what()) == "open quote in t.csv:2");
    }
  }

  TEST_CASE("rows: JSON of any bytes is JSON") {
    const std::string line = json_line({{"k\"", std::string("\xff\n\x01")}});
    CHECK(nlohmann::json::accept(line));
    CHECK(line.find('\n') == line.size() - 1);
  }
}

}  // namespace rc
