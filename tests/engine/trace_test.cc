// A trace as a viewer reads it.
#include "engine/trace.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace rc {

TEST_SUITE("unit") {
  TEST_CASE("a trace: names of tracks, spans in microseconds, values over time") {
    Trace trace;
    const int host = trace.track("host"), gpu = trace.track("cuda:0");
    trace.span(gpu, "conv \"1\"", "op", 1.5, 1.75, {{"flops", 2e9}, {"layer", std::string("layer1")}});
    trace.span(host, "wait", "host", 0.001, 0.0010005);
    trace.value("MiB", 1.5, 12.5);
    const auto json = nlohmann::json::parse(trace.json());
    std::vector<nlohmann::json> spans, values;
    std::vector<std::string> names;
    for (const auto& e : json.at("traceEvents")) {
      if (e["ph"] == "X") spans.push_back(e);
      if (e["ph"] == "C") values.push_back(e);
      if (e["name"] == "thread_name") names.push_back(e["args"]["name"]);
    }
    CHECK(names == std::vector<std::string>{"host", "cuda:0"});
    REQUIRE(spans.size() == 2);
    CHECK(spans[0]["name"] == "conv \"1\"");
    CHECK(spans[0]["ts"] == 1.5e6);
    CHECK(spans[0]["dur"] == 0.25e6);
    CHECK(spans[0]["tid"] == gpu);
    CHECK(spans[0]["args"]["flops"] == 2e9);
    CHECK(spans[0]["args"]["layer"] == "layer1");
    CHECK(spans[1]["dur"] == 0.5);
    REQUIRE(values.size() == 1);
    CHECK(values[0]["args"]["MiB"] == 12.5);
  }

  TEST_CASE("spans that meet still do when they are written") {
    Trace trace;
    const int track = trace.track("t");
    // Ends that as sums of doubles would lie past the outer span's, for many of these.
    for (int i = 1; i < 1000; ++i) {
      const double begin = 0.1 * i, middle = begin + 0.0333333, end = begin + 0.07777777;
      trace.span(track, "outer", "", begin, end);
      trace.span(track, "first", "", begin, middle);
      trace.span(track, "second", "", middle, end);
    }
    const auto json = nlohmann::json::parse(trace.json());
    const auto nanoseconds = [](const nlohmann::json& x) { return std::llround(x.get<double>() * 1e3); };
    std::vector<std::pair<int64_t, int64_t>> spans;
    for (const auto& e : json.at("traceEvents"))
      if (e["ph"] == "X")
        spans.emplace_back(nanoseconds(e["ts"]), nanoseconds(e["ts"]) + nanoseconds(e["dur"]));
    REQUIRE(spans.size() == 3 * 999);
    int together = 0;
    for (size_t i = 0; i < spans.size(); i += 3)
      together += spans[i].first == spans[i + 1].first && spans[i + 1].second == spans[i + 2].first &&
                  spans[i + 2].second == spans[i].second;
    CHECK(together == 999);
  }
}

}  // namespace rc
