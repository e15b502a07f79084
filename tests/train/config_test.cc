// Configuration: the order of sources, every kind of bad input with its message, the resolved form.
#include "train/config.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "engine/error.h"
#include "engine/file.h"
#include "tests/data/fixtures.h"
#include "train/config_schema.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

const ConfigSources kData = {{}, {"data.path=faces"}, {}};

// The text of the error that loading throws; empty when it does not.
std::string problem(const ConfigSources& sources) {
  try {
    load_config(sources);
  } catch (const Error& e) {
    CHECK(e.code() == Exit::usage);
    return e.text();
  }
  return {};
}

std::string problem(const std::string& json, std::vector<std::string> set = {"data.path=faces"}) {
  const TemporaryFolder folder;
  write_file(folder / "cfg.json", json);
  return problem({folder / "cfg.json", std::move(set), {}});
}

bool has(const std::string& text, const std::string& part) {
  INFO("text: ", text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("config: the defaults pass all rules and need data alone") {
    CHECK(problem(kData).empty());
    CHECK(has(problem(ConfigSources{}), "no data: give --data PATH"));
    const Config c = load_config(kData);
    CHECK(c.loss.temperature == 0.1);
    CHECK(c.optim.betas[1] == 0.999);
    CHECK(c.sampler.seed == c.seed);
  }

  TEST_CASE("config: defaults < extends < file < --set < flags, nested or dotted") {
    const TemporaryFolder folder;
    write_file(folder / "base.json",
               R"({"seed": 1, "optim": {"lr": 0.1, "momentum": 0.5, "eps": 0.25, "epochs": 7}})");
    write_file(
        folder / "sub/cfg.json",
        R"({"$schema": "x", "extends": "../base.json", "seed": 2, "optim.lr": 0.2, "optim": {"momentum": 0.6},
                     "data": {"path": "a"}})");
    const Config c = load_config({folder / "sub/cfg.json",
                                  {"seed=3", "optim.lr=0.3"},
                                  {{"seed", "18446744073709551615"}, {"optim.betas", "0.5,0.75"}}});
    CHECK(c.seed == UINT64_MAX);          // flag
    CHECK(c.sampler.seed == UINT64_MAX);  // follows
    CHECK(c.optim.lr == 0.3);             // --set
    CHECK(c.optim.momentum == 0.6);       // file, nested beside dotted
    CHECK(c.optim.eps == 0.25);           // extends
    CHECK(c.optim.weight_decay == 5e-4);  // default
    CHECK(c.optim.betas == std::array{0.5, 0.75});
    CHECK(c.data.path == "a");
  }

  TEST_CASE("config: an unknown key names its line and the nearest key") {
    const std::string text =
        problem("{\n  \"optim\": {\n    \"lr\": 0.1,\n    \"wieght_decay\": 0.1\n  }\n}");
    CHECK(has(text, "unknown key \"optim.wieght_decay\" in "));
    CHECK(has(text, "cfg.json:4 — did you mean \"optim.weight_decay\"?"));
    CHECK(has(problem("{\"temprature\": 1}"), "did you mean \"loss.temperature\"?"));
    CHECK(has(problem("{}", {"optim.lrr=1"}),
              "unknown key \"optim.lrr\" in --set optim.lrr=1 — did you mean \"optim.lr\"?"));
    CHECK(has(problem("{\"optmi\": {}}"), "unknown key \"optmi\""));
    CHECK_FALSE(has(problem("{\"zzzzzzzzzzzz\": 1}"), "did you mean"));
  }

  TEST_CASE("config: all problems at once") {
    const std::string text = problem(R"({"seed": -1, "optim": {"lr": 0, "name": "adagrad", "betas": [0.9]},
      "model": 3, "aug": {"preset": 1}, "sampler": {"batch": 2.5}, "data": {"workers": 99999999999}, "nonsense": 0})",
                                     {"data.path=x", "optim.eps=abc", "broken"});
    CHECK(has(text, "11 problems in the configuration:"));
    CHECK(has(text, "seed must be 0 or more, not -1 in "));
    CHECK(has(text, "optim.lr must be above 0, not 0 in "));
    CHECK(has(text, "optim.name must be adam|adamw|sgd, not \"adagrad\""));
    CHECK(has(text, "optim.betas must be two numbers, not [0.9]"));
    CHECK(has(text, "model must be an object"));
    CHECK(has(text, "aug.preset must be a string, not 1"));
    CHECK(has(text, "sampler.batch must be an integer, not 2.5"));
    CHECK(has(text, "data.workers must be 1 to 256, not 99999999999"));
    CHECK(has(text, "optim.eps must be a number, not \"abc\" in --set optim.eps=abc"));
    CHECK(has(text, "--set broken must be key=value"));
    CHECK(has(text, "unknown key \"nonsense\""));
  }

  TEST_CASE("config: contradictions") {
    const auto contradiction = [](const char* json) { return problem(std::string(json)); };
    CHECK(has(contradiction(R"({"sampler.batch": 31})"), "sampler.batch must be even"));
    CHECK(has(contradiction(R"({"sampler.batch": 30, "sampler.pairing": "tuple"})"), "a multiple of 4"));
    CHECK(
        has(contradiction(R"({"sampler": {"pairing": "balanced", "method_pair": "cross"}})"), "contradicts"));
    CHECK(has(contradiction(R"({"aug": {"jpeg_quality_min": 90, "jpeg_quality_max": 50}})"), "is above"));
    CHECK(has(contradiction(R"({"model.drop_path": 0.1})"), "which has no stochastic depth"));
    CHECK_FALSE(
        has(contradiction(R"({"model": {"name": "efficientnet_b0", "drop_path": 0.1}})"), "stochastic"));
    CHECK(has(contradiction(R"({"optim": {"lr": 0.1, "min_lr": 0.2}})"), "optim.min_lr is above optim.lr"));
    CHECK(has(contradiction(R"({"optim": {"epochs": 2, "warmup_epochs": 2}})"), "leaves nothing"));
    CHECK(has(contradiction(R"({"loss": {"hard_negative_start": 0.05}})"),
              "loss.hard_negative_start is before"));
    CHECK(has(contradiction(R"({"loss.hard_negatives": 0})"), "need loss.hard_negatives above 0"));
    CHECK(has(contradiction(R"({"loss.hard_negatives": 33})"), "more than the 32 fake embeddings"));
    CHECK(has(contradiction(R"({"loss.hard_negatives": 1})"), "at least 2 loss.hard_negatives"));
    CHECK(has(contradiction(R"({"device": "gpu"})"), "device must be auto, cpu or cuda:N"));
    CHECK(contradiction(R"({"loss": {"objective": "ce", "hard_negatives": 0}})").empty());
    CHECK(contradiction(R"({"device": "cuda:1"})").empty());
  }

  TEST_CASE("config: strict JSON, with the line of what is wrong") {
    CHECK(has(problem("{\n\"seed\": 1,\n}"), "cfg.json:3"));
    CHECK(has(problem("{\n\n\"seed\": 1 // comment\n}"), "cfg.json:3"));
    CHECK(has(problem("[1]"), "not an object"));
    CHECK(has(problem("3"), "not an object"));
    CHECK(has(problem(""), "not a JSON object"));
    CHECK(has(problem("{\"seed\": 1} x"), "not a JSON object"));
    CHECK(has(problem("{\"optim\": {\"betas\": [[1]]}}"), "an array inside an array"));
    CHECK(has(problem("{\"optim\": [{}]}"), "an object inside an array"));
    CHECK(has(problem("{\"optim.lr\": 1e999}"), "number overflow"));
    CHECK(has(problem("{\n\"seed\": 1,\n\"seed\": 2\n}"), "seed is already set in line 2 in "));
    CHECK(has(problem("{\"optim\": {\"lr\": 1},\n\"optim.lr\": 1}"), "optim.lr is already set in line 1"));
    CHECK(has(problem("{\"optim\": {\"lr\": null}}"), "optim.lr must be a number, not null"));
    CHECK(has(problem(std::string(100000, '[')), "not an object"));
    CHECK(has(problem("{\"a\":" + std::string(100000, '[')), "an array inside an array"));
    std::string deep;  // a key would be as long as all keys around it: 40 GB of them in a file of 1 MB
    for (int level = 0; level < 100000; ++level) deep += "{\"a\":";
    CHECK(has(problem(deep), "nested too deeply"));
  }

  TEST_CASE("config: extends that is missing or goes in a circle") {
    CHECK(has(problem("{\"extends\": \"nowhere.json\"}"), "nowhere.json — no such file"));
    CHECK(has(problem("{\"extends\": \"cfg.json\"}"), "extends itself"));
    CHECK(has(problem("{\"extends\": 3}"), "extends must be a string"));
    CHECK(has(problem(ConfigSources{"/nowhere/cfg.json", {}, {}}), "/nowhere/cfg.json"));
  }

  TEST_CASE("config: the resolved form loads back as the same configuration") {
    const TemporaryFolder folder;
    const Config c = load_config({{},
                                  {"data.path=α \"β\"", "optim.lr=0.1", "aug.flip=0.3", "optim.betas=0.1,0.7",
                                   "data.path_map=[\"a=b\", \"c=d\"]"},
                                  {}});
    const std::string resolved = to_json(c).dump(2);
    CHECK(has(resolved, "\"flip\": 0.3"));  // not 0.30000001192092896
    write_file(folder / "config.json", resolved);
    const Config again = load_config({folder / "config.json", {}, {}});
    CHECK(to_json(again).dump(2) == resolved);
    CHECK(to_json(again)["aug"].dump() == to_json(c)["aug"].dump());
    CHECK(again.aug.flip == c.aug.flip);
  }

  TEST_CASE("config: every field can be set by its own default, as text and as JSON, and describes itself") {
    std::set<std::string> keys, flags, slots;
    for (const ConfigField& field : config_fields()) {
      INFO(field.key);
      Config c;
      const Json value = value_of(field, c);
      CHECK(assign(field, c, value) == "");
      const std::string text = value.is_string()                         ? value.get<std::string>()
                               : field.key == std::string("optim.betas") ? "0.9,0.999"
                                                                         : value.dump();
      CHECK(assign_text(field, c, text) == "");
      CHECK(value_of(field, c) == value);
      CHECK(has(describe(field), field.help));
      CHECK(keys.insert(field.key).second);
      CHECK(flags.insert(field.flag).second);
      // No two rows point at one member.
      Config* const origin = &c;
      const auto place =
          std::visit([&](auto* p) { return reinterpret_cast<char*>(p) - reinterpret_cast<char*>(origin); },
                     field.slot(c));
      CHECK(slots.insert(std::to_string(place)).second);
      CHECK(find_field(field.key) == &field);
    }
  }
}

}  // namespace rc
