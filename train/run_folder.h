// The folder of one run: what was asked, what ran it, what came out. Numbers (metrics.*) and timings are
// separate files, so that two runs compare with diff.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "train/row.h"

namespace rc {

enum class Existing { refuse, replace, resume };  // what to do where the folder is already there

// What run.json records besides the build.
struct RunRecord {
  std::string device;  // "cpu: Intel ...", in words
  int threads = 0;
  std::vector<std::pair<std::string, std::string>> libraries;  // name, version
  std::string data_hash, weights_hash;
  std::optional<int> exit_status;  // null while the run goes on
  std::string stopped;             // "", "time", "steps", "signal", "error"
};

class RunFolder {
 public:
  // Makes the folder. Throws Error(usage) where it holds a run and `existing` is refuse, Error(data) where it
  // cannot be written. `replace` empties a folder that holds a run (no other); `resume` needs one and
  // recovers interrupted checkpoints.
  RunFolder(std::filesystem::path, Existing);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path checkpoint(const std::string& name) const { return path_ / "checkpoints" / name; }
  std::filesystem::path evaluation(const std::string& set) const { return path_ / "eval" / set; }

  void write_config(const nlohmann::ordered_json&);  // config.json
  void write_command_line(
      const std::vector<std::string>& argv);       // cmdline.txt, one line a start, shell-quoted
  void write_record(const RunRecord&);             // run.json
  void write_init(const nlohmann::ordered_json&);  // init.json: which file the first weights came from

  // Rows belong to the checkpoint of their step: they are added before it is written, and resuming drops
  // later ones.
  void log(std::string_view line);  // train.log
  // One row an epoch into metrics.csv. All rows have the same columns, "step" among them.
  void add_epoch(const Row&);
  void add_metrics(const Row&);  // metrics.jsonl: reproducible numbers only
  void add_timing(const Row&);   // timing.jsonl

  // Replaces checkpoints/<name> by what `write` puts into the folder it is given. The exchange is one rename:
  // at every moment the name holds a whole checkpoint, the old or the new one.
  void write_checkpoint(const std::string& name,
                        const std::function<void(const std::filesystem::path& folder)>& write);

  // Drops the rows of metrics.csv, metrics.jsonl and timing.jsonl whose step is after `step`.
  void truncate_after(int64_t step);

  void write_sums();  // SHA256SUMS of all files, for sha256sum -c; the last call of a run

 private:
  void append(const std::string& file, std::string_view text);

  std::filesystem::path path_;
};

// A command line as a POSIX shell reads it back.
std::string shell_line(const std::vector<std::string>& argv);

// runs/YYYYMMDD-HHMMSS-<model>, by the local clock.
std::filesystem::path default_run_path(const std::string& model);

}  // namespace rc
