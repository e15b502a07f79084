// The command line of a configuration: every setting has its flag, and what is typed arrives.
#include "tools/config_flags.h"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/error.h"
#include "train/config_schema.h"

namespace rc {
namespace {

Config parsed(const std::string& line) {
  CLI::App app;
  const auto sources = add_config_flags(app);
  app.parse(line);
  return load_config(*sources);
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("flags: typed values arrive, flags beat --set") {
    const Config c = parsed(
        "--data faces -b 16 --lr=0.5 --set optim.lr=0.1 --set seed=9 --opt-betas 0.5,0.6 --no-aug -j 3");
    CHECK(c.data.path == "faces");
    CHECK(c.sampler.batch == 16);
    CHECK(c.optim.lr == 0.5);
    CHECK(c.seed == 9);
    CHECK(c.optim.betas == std::array{0.5, 0.6});
    CHECK(c.aug.preset == "none");
    CHECK(c.data.workers == 3);
    CHECK(parsed("--data x --aug light").aug.preset == "light");
  }

  TEST_CASE("flags: a list is a flag given often, or a JSON array") {
    CHECK(parsed("--data x").data.read.path_maps.empty());
    const Config c = parsed("--data x --path-map a=b --path-map c,d=[e] --label FF-X=1 --comp c0");
    CHECK(c.data.read.path_maps == std::vector<std::string>{"a=b", "c,d=[e]"});
    CHECK(c.data.read.labels == std::vector<std::string>{"FF-X=1"});
    CHECK(c.data.read.compression == "c0");
    const auto set = [](const std::string& text) {
      return load_config({{}, {"data.path=x", "data.path_map=" + text}, {}}).data.read.path_maps;
    };
    CHECK(set("a=b") == std::vector<std::string>{"a=b"});
    CHECK(set("[\"a=b\", \"c=d\"]") == std::vector<std::string>{"a=b", "c=d"});
    CHECK(set("").empty());
    for (const char* bad : {"[1]", "[\"a\"", "[[]]"}) CHECK_THROWS_AS(set(bad), Error);
  }

  TEST_CASE("flags: a wrong value names the flag") {
    try {
      parsed("--data x --lr -3 --epochs many");
      FAIL("no error");
    } catch (const Error& e) {
      const std::string text = e.what();
      CHECK(text.find("optim.lr must be above 0, not -3.0 in --lr") != std::string::npos);
      CHECK(text.find("optim.epochs must be an integer, not \"many\" in --epochs") != std::string::npos);
    }
  }

  TEST_CASE("flags: a command may take some settings, with the same names and defaults") {
    CLI::App app;
    const auto sources = add_config_flags(app, {"seed", "sampler."});
    app.parse("--seed 9 -b 16 --set data.path=x");
    const Config c = load_config(*sources);
    CHECK(c.seed == 9);
    CHECK(c.sampler.batch == 16);
    CHECK(c.sampler.views == Config().sampler.views);
    CHECK_THROWS_AS(app.parse("--lr 1"), CLI::ExtrasError);
    CHECK_THROWS_AS(app.parse("--data x"), CLI::ExtrasError);
  }

  TEST_CASE("flags: each setting has a flag that takes its default") {
    for (const ConfigField& field : config_fields()) {
      const std::string flags = field.flag, flag = flags.substr(flags.rfind("--"));
      INFO(flag);
      Config config;
      const auto value = value_of(field, config);
      if (value.is_array() && value.empty()) continue;
      const std::string text = value.is_string() ? value.get<std::string>()
                               : field.key == std::string("optim.betas")
                                   ? value[0].dump() + "," + value[1].dump()
                                   : value.dump();
      if (text.empty()) continue;  // nothing is its default
      CHECK_NOTHROW(parsed((flag == "--data" ? "" : "--data x ") + flag + "=" + text));
    }
  }
}

}  // namespace rc
