#include "tools/bench_side.h"

#include <algorithm>
#include <limits>

#include "engine/error.h"

namespace rc {

double Side::seconds(int64_t steps) {
  last_ = parse(process_.ask("step " + std::to_string(steps)));
  return last_.at("seconds");
}

nlohmann::json Side::parse(const std::string& line) {
  nlohmann::json answer = nlohmann::json::parse(line, nullptr, false);
  if (!answer.is_object()) throw Error(Exit::data, "not an answer: \"" + line + "\"", "bench");
  return answer;
}

std::filesystem::path found_peer_script(const std::filesystem::path& given) {
  namespace fs = std::filesystem;
  const fs::path script = given.empty()
                              ? fs::read_symlink("/proc/self/exe").parent_path().parent_path().parent_path() /
                                    "tools/bench_torch.py"
                              : given;
  if (!fs::is_regular_file(script))
    throw Error(Exit::data, "no " + script.string(), "bench",
                "--peer-script names bench_torch.py of the source tree; --peer none measures without it");
  return script;
}

double median(std::vector<double> x) {
  if (x.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::ranges::sort(x);
  return (x[(x.size() - 1) / 2] + x[x.size() / 2]) / 2;
}

}  // namespace rc
