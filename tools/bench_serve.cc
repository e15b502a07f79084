#include "tools/bench_serve.h"

#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>

#include "engine/error.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

int64_t status_bytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(field)) return std::stoll(line.substr(field.size())) * 1024;
  throw Error(Exit::internal, "no " + field, "/proc/self/status");
}

void answer(const Json& fields) { std::cout << fields.dump() << std::endl; }

}  // namespace

int64_t rss_bytes() { return status_bytes("VmRSS:"); }
int64_t peak_rss_bytes() { return status_bytes("VmHWM:"); }

void serve_steps(const Json& ready, const std::function<void()>& step, const std::function<Json()>& more,
                 const std::function<Json(int64_t)>& profile) {
  Json first = {{"ready", true}};
  first.update(ready);
  answer(first);
  for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    std::istringstream words(line);
    std::string word;
    int64_t count = 0;
    const bool counted = words >> word >> count && count >= 1;
    if (counted && word == "profile" && profile) {
      answer(profile(count));
      continue;
    }
    if (!counted || word != "step")
      throw Error(Exit::usage, "expected \"step K\" or \"quit\", got \"" + line + "\"", "bench");
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < count; ++i) step();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    Json fields = {{"seconds", time.count()}, {"peak_rss_bytes", peak_rss_bytes()}};
    if (more) fields.update(more());
    answer(fields);
  }
}

}  // namespace rc
