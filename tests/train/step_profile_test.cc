// A profile's arithmetic on numbers worked out by hand, and a real step's.
#include "train/step_profile.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "train/step_profile_json.h"
#include "train/step_profile_text.h"
#include "train/step_trace.h"
#include "train/traced_step.h"

namespace rc {
namespace {

// 1 TFLOP/s, 0.1 TB/s.
Roofline round_limit(const Cost& cost) {
  const double compute = cost.flops / 1e12, memory = cost.bytes / 1e11;
  return {std::max(compute, memory), compute > memory ? Bound::compute : Bound::memory};
}

ProfiledOp op(const char* scope, const char* name, Phase phase, double flops, double bytes, double seconds) {
  const Cost cost{flops, bytes};
  return {.scope = scope,
          .name = name,
          .engine = {},
          .phase = phase,
          .cost = cost,
          .seconds = seconds,
          .limit = round_limit(cost)};
}

// 10 ms: 4 of them allowed by compute, 2 by memory.
StepProfile by_hand() {
  StepProfile p;
  p.images = 8, p.steps = {0.010, 0.012, 0.011};
  p.ops = {op("a", "conv2d", Phase::forward, 1e9, 1e6, 2e-3),       // at best 1 ms, by compute
           op("a", "batch_norm", Phase::forward, 1, 1e8, 2e-3),     // 1 ms, by memory
           op("a", "batch_norm", Phase::recomputed, 1, 1e8, 1e-3),  // 1 ms, by memory: at the limit
           op("b", "conv2d", Phase::forward, 3e9, 1e6, 4e-3),       // 3 ms, by compute
           op("", "adam", Phase::update, 0, 0, 1e-3)};
  return p;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

size_t widest(const std::string& text) {
  size_t width = 0, most = 0;
  for (const char c : text) {
    width = c == '\n' ? 0 : width + ((uint8_t(c) & 0xC0) != 0x80);
    most = std::max(most, width);
  }
  return most;
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("ops of a kind and a phase are one group, the longest first") {
    const std::vector<ProfileGroup> kinds = grouped(by_hand(), GroupBy::kind);
    REQUIRE(kinds.size() == 4);
    CHECK(kinds[0].name == "conv2d");
    CHECK(kinds[0].calls == 2);
    CHECK(kinds[0].seconds == doctest::Approx(6e-3));
    CHECK(kinds[0].flops == 4e9);
    CHECK(kinds[0].share_of_limit() == doctest::Approx(4.0 / 6));
    CHECK(kinds[0].bound() == Bound::compute);
    CHECK(kinds[1].name == "batch_norm");
    CHECK(kinds[1].phase == Phase::forward);
    CHECK(kinds[1].share_of_limit() == doctest::Approx(0.5));
    CHECK(kinds[1].bound() == Bound::memory);
    // 1 ms each: in the order of the step.
    CHECK(kinds[2].phase == Phase::recomputed);
    CHECK(kinds[2].share_of_limit() == doctest::Approx(1));
    CHECK(kinds[3].name == "adam");
  }

  TEST_CASE("by layer and by op") {
    const std::vector<ProfileGroup> layers = grouped(by_hand(), GroupBy::layer);
    REQUIRE(layers.size() == 3);
    CHECK(layers[0].name == "a");  // 5 ms
    CHECK(layers[0].calls == 3);
    CHECK(layers[0].bound() == Bound::memory);  // of 3 ms at best, 2 by memory
    CHECK(layers[1].name == "b");
    CHECK(layers[2].name == "adam");  // without a layer: the op itself
    const std::vector<ProfileGroup> ops = grouped(by_hand(), GroupBy::op);
    REQUIRE(ops.size() == 5);
    CHECK(ops[0].name == "b conv2d");
    CHECK(ops[1].name == "a conv2d");  // as long as the next, and before it
    CHECK(ops[2].name == "a batch_norm");
    for (const GroupBy by : {GroupBy::kind, GroupBy::layer, GroupBy::op}) {
      double seconds = 0;
      for (const ProfileGroup& g : grouped(by_hand(), by)) seconds += g.seconds;
      CHECK(seconds == doctest::Approx(by_hand().seconds()));
    }
  }

  TEST_CASE("its table: rates, shares, what was left out in one line, the sum at the foot") {
    const std::string table = profile_table(by_hand(), GroupBy::kind, 2);
    // 4 GFLOP in 6 ms; 2e6 bytes; 60 % of 10 ms, 67 % of what could be.
    CHECK(contains(
        table, "conv2d      forward      2   6.00   60.0 %   4.00    1.9    666.7   0.3  compute      67 %"));
    CHECK(contains(table, "2 others"));
    CHECK(contains(table, "all                      5  10.00  100.0 %"));
    const std::string phases = phase_bars(by_hand());
    CHECK(contains(
        phases, "forward     8.00  80.0 %  " + [] {
          std::string bar;
          for (int i = 0; i < 48; ++i) bar += "█";
          return bar;
        }()));
  }

  TEST_CASE("its tables fit 110 columns, whatever the layers are called") {
    StepProfile p = by_hand();
    const std::string name(200, 'x');
    for (ProfiledOp& o : p.ops) o.scope = name, o.name = "depthwise.weight_grad", o.cost = {1e12, 1e12};
    for (ProfiledOp& o : p.ops) o.seconds = 12.34567, o.phase = Phase::recomputed;
    for (const GroupBy by : {GroupBy::kind, GroupBy::layer, GroupBy::op}) {
      CHECK(widest(profile_table(p, by, 20)) <= 110);
      CHECK(widest(phase_bars(p)) <= 110);
    }
  }
}

TEST_SUITE("host") {
  TEST_CASE("a real step from marks: the median of each op, its cost, its place in the trace") {
    const auto device = open_device("cpu");
    Config config;
    config.data.img_size = 32, config.sampler.batch = 8;
    const TracedStep step = trace_step(*device, config, StepKind::training);
    const Program& program = *step.program;
    const size_t nodes = program.graph().nodes().size();
    // Op n takes n + 1 microseconds in the first step, twice that in the second, ten times in the third.
    std::vector<double> marks;
    double now = 1;
    for (const double factor : {1.0, 2.0, 10.0})
      for (size_t n = 0; n <= nodes; ++n) {
        marks.push_back(now);
        now += n < nodes ? factor * double(n + 1) * 1e-6 : 0.5;
      }
    const StepProfile profile = profile_of(program, step.images, marks, round_limit);
    REQUIRE(profile.ops.size() == nodes);
    REQUIRE(profile.steps.size() == 3);
    for (size_t n = 0; n < nodes; ++n)
      CHECK(profile.ops[n].seconds == doctest::Approx(2e-6 * double(n + 1)).epsilon(1e-6));
    CHECK(profile.steps[1] == doctest::Approx(2e-6 * double(nodes * (nodes + 1) / 2)));
    double flops = 0;
    for (const ProfiledOp& o : profile.ops) flops += o.cost.flops;
    CHECK(flops == doctest::Approx(program.flops()));
    CHECK_THROWS_AS(profile_of(program, 1, std::span(marks).first(nodes), round_limit), Error);
    CHECK(to_json(profile)["ops"].size() == nodes);

    Trace trace;
    add_steps(trace, "cpu", profile, marks, 7);
    int steps = 0, ops = 0, ways = 0;
    double most = 0;
    const auto json = nlohmann::json::parse(trace.json());
    for (const auto& e : json["traceEvents"]) {
      if (e["ph"] == "C") most = std::max(most, e["args"].begin()->get<double>());
      if (e["ph"] != "X") continue;
      if (e["cat"] == "step") CHECK(e["args"]["step"] == 7 + steps++);
      ops += e["cat"] == "op", ways += e["cat"] == "phase";
    }
    CHECK(steps == 3);
    CHECK(ways == 3 * 3);  // forward, backward with what is computed again, update
    CHECK(ops == int(3 * nodes));
    const Limit halved = [](const Cost& cost) {
      return Roofline{round_limit(cost).seconds / 2, Bound::memory};
    };
    const StepProfile told = profile_of_json(to_json(profile), halved);
    REQUIRE(told.ops.size() == nodes);
    for (size_t n = 0; n < nodes; ++n) {
      const ProfiledOp &a = profile.ops[n], &b = told.ops[n];
      CHECK(
          (a.name == b.name && a.scope == b.scope && a.phase == b.phase && a.cost.product == b.cost.product));
      CHECK((a.seconds == b.seconds && b.limit.seconds == a.limit.seconds / 2));
    }

    const size_t fullest = *std::ranges::max_element(program.alive());
    CHECK(most == doctest::Approx(double(fullest) / double(1 << 20)));
  }

  TEST_CASE("what inference computes once is no part of its profile or trace") {
    const auto device = open_device("cpu");
    Config config;
    config.data.img_size = 32, config.sampler.batch = 8;
    const TracedStep step = trace_step(*device, config, StepKind::inference);
    const std::deque<Node>& nodes = step.program->graph().nodes();
    const auto constants = size_t(std::ranges::count_if(nodes, &Node::constant));
    CHECK(constants > 0);
    std::vector<double> marks(nodes.size() + 1);
    for (size_t n = constants; n < marks.size(); ++n) marks[n] = 1e-3 * double(n - constants);
    const StepProfile profile = profile_of(*step.program, step.images, marks, round_limit);
    CHECK(profile.ops.size() == nodes.size() - constants);
    CHECK(profile.ops[0].name == nodes[constants].op->name());
    CHECK(profile.seconds() == doctest::Approx(1e-3 * double(profile.ops.size())));
    Trace trace;
    add_steps(trace, "cpu", profile, marks, 1);
    const auto json = nlohmann::json::parse(trace.json());
    CHECK(std::ranges::count_if(json["traceEvents"], [](const auto& e) {
            return e["ph"] == "X" && e["cat"] == "op";
          }) == long(profile.ops.size()));
  }
}

}  // namespace rc
