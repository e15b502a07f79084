// One of the programs that `realcentric bench` compares.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/line_process.h"
#include "train/median.h"

namespace rc {

class BenchSide {
 public:
  // Starts the program and waits until it is ready. All functions throw Error(data) with `hint` where it ends
  // or says something else.
  BenchSide(std::vector<std::string> command, std::string hint)
      : process_(std::move(command), std::move(hint)), ready_(parse(process_.read())) {}
  const nlohmann::json& ready() const { return ready_; }

  double seconds(int64_t steps);           // by the wall clock
  nlohmann::json profile(int64_t steps) {  // of ours: train/step_profile_json.h
    return parse(process_.ask("profile " + std::to_string(steps)));
  }
  const nlohmann::json& last() const { return last_; }              // its answer
  double peak_bytes() const { return last_.at("peak_rss_bytes"); }  // resident memory of the whole process

 private:
  static nlohmann::json parse(const std::string& line);

  LineProcess process_;
  nlohmann::json ready_, last_;
};

// How sides are compared, whatever they do.
struct Comparison {
  std::string peer = "torch";              // or "none"
  std::filesystem::path peer_script, csv;  // empty: where it is found; not written
  int repeats = 5;                         // runs of each side
};
void add_comparison_flags(CLI::App&, Comparison&);

// What to do where the peer cannot be started.
inline const char* const kNoPeer = "make deps-python installs PyTorch; --peer none measures without it";

// The peer's script: `given`, or `name` where it lies beside the program, which is build/KIND/realcentric of
// its source tree. Throws Error(data) where there is none.
std::filesystem::path found_peer_script(const std::filesystem::path& given,
                                        const char* name = "bench_torch.py");

}  // namespace rc
