#include "tools/bench_side.h"

#include "engine/error.h"

namespace rc {

double BenchSide::seconds(int64_t steps) {
  last_ = parse(process_.ask("step " + std::to_string(steps)));
  return last_.at("seconds");
}

nlohmann::json BenchSide::parse(const std::string& line) {
  nlohmann::json answer = nlohmann::json::parse(line, nullptr, false);
  if (!answer.is_object()) throw Error(Exit::data, "not an answer: \"" + line + "\"", "bench");
  return answer;
}

std::filesystem::path found_peer_script(const std::filesystem::path& given, const char* name) {
  namespace fs = std::filesystem;
  const fs::path script =
      given.empty()
          ? fs::read_symlink("/proc/self/exe").parent_path().parent_path().parent_path() / "tools" / name
          : given;
  if (!fs::is_regular_file(script))
    throw Error(
        Exit::data, "no " + script.string(), "bench",
        std::string("--peer-script names ") + name + " of the source tree; --peer none measures without it");
  return script;
}

void add_comparison_flags(CLI::App& command, Comparison& c) {
  command.add_option("--repeats", c.repeats, "Runs of each side, two seconds at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_option("--peer", c.peer, "What to compare with")
      ->check(CLI::IsMember({"torch", "none"}))
      ->capture_default_str();
  command.add_option("--peer-script", c.peer_script, "The peer's script of tools/, where it is not found");
  command.add_option("--csv", c.csv, "File to write the numbers to as well");
}

}  // namespace rc
