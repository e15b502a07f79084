#include "train/run_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>

#include "engine/build_info.h"
#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"
#include "train/replace_folder.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail(const std::string& doing, const fs::path& path, int cause) {
  throw Error(Exit::data, "cannot " + doing + " " + path.string(), std::strerror(cause),
              "choose another folder with -o, or make room in this one");
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail("make folder", path, error.value());
}

bool holds_run(const fs::path& path) { return fs::exists(path / "config.json"); }

// As a POSIX shell reads it back.
std::string shell_word(const std::string& word) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=,:+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The whole lines of a text; what follows the last line end was cut off by a crash.
std::vector<std::string> whole_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    lines.push_back(text.substr(at, end + 1 - at));
  return lines;
}

// The step of a CSV row or of a JSON object; nothing where it has none.
std::optional<int64_t> step_in_csv(const std::string& header, const std::string& line) {
  const auto names = parse_csv(header, "metrics.csv"), values = parse_csv(line, "metrics.csv");
  const size_t column = size_t(std::find(names[0].begin(), names[0].end(), "step") - names[0].begin());
  if (column >= names[0].size() || values[0].size() != names[0].size()) return std::nullopt;
  const Json step = Json::parse(values[0][column], nullptr, false);
  return step.is_number_integer() ? std::optional(step.get<int64_t>()) : std::nullopt;
}

std::optional<int64_t> step_in_json(const std::string& line) {
  const Json row = Json::parse(line, nullptr, false);
  if (!row.is_object() || !row.contains("step") || !row["step"].is_number_integer()) return std::nullopt;
  return row["step"].get<int64_t>();
}

}  // namespace

RunFolder::RunFolder(fs::path path, Existing existing) : path_(std::move(path)) {
  std::error_code error;
  const bool there = fs::exists(path_, error);
  if (there && !fs::is_directory(path_)) throw Error(Exit::usage, path_.string() + " is not a folder");
  const bool empty = !there || fs::is_empty(path_);

  if (existing == Existing::resume) {
    if (!there || !holds_run(path_))
      throw Error(Exit::usage, "no run to resume in " + path_.string(), "it has no config.json",
                  "leave out --resume to start one");
    recover_folders(path_ / "checkpoints");
    return;
  }
  if (!empty && existing == Existing::refuse)
    throw Error(Exit::usage, "the run folder " + path_.string() + " already exists", "",
                "--resume goes on with it, --force replaces it, -o names another");
  if (!empty && !holds_run(path_))
    throw Error(Exit::usage, "--force replaces runs alone, and " + path_.string() + " is none",
                "it has no config.json", "empty it yourself, or name another folder with -o");
  if (!empty) fs::remove_all(path_);
  make_folder(path_ / "checkpoints");
}

void RunFolder::write_config(const Json& config) { write_file(path_ / "config.json", config.dump(2) + "\n"); }

void RunFolder::write_command_line(const std::vector<std::string>& argv) {
  append("cmdline.txt", shell_line(argv) + "\n");
}

void RunFolder::write_record(const RunRecord& record) {
  Json libraries = Json::object();
  for (const auto& [name, version] : record.libraries) libraries[name] = version;
  const Json json = {{"version", kVersion},
                     {"git_id", git_id()},
                     {"build_id", build_id()},
                     {"compiler", compiler()},
                     {"libraries", libraries},
                     {"device", record.device},
                     {"threads", record.threads},
                     {"data_sha256", record.data_hash},
                     {"weights_sha256", record.weights_hash},
                     {"exit_status", record.exit_status ? Json(*record.exit_status) : Json()},
                     {"stopped", record.stopped}};
  write_file(path_ / "run.json", json.dump(2) + "\n");
}

void RunFolder::write_init(const Json& record) { write_file(path_ / "init.json", record.dump(2) + "\n"); }

void RunFolder::log(std::string_view line) { append("train.log", std::string(line) + "\n"); }
void RunFolder::add_metrics(const Row& row) { append("metrics.jsonl", json_line(row)); }
void RunFolder::add_timing(const Row& row) { append("timing.jsonl", json_line(row)); }

void RunFolder::add_epoch(const Row& row) {
  const fs::path file = path_ / "metrics.csv";
  const std::string header = csv_header(row);
  const std::vector<std::string> lines =
      fs::exists(file) ? whole_lines(read_file(file)) : std::vector<std::string>();
  if (lines.empty()) return append("metrics.csv", header + csv_line(row));
  check(lines[0] == header, "the columns of metrics.csv never change", file.string());
  append("metrics.csv", csv_line(row));
}

void RunFolder::append(const std::string& name, std::string_view text) {
  const fs::path file = path_ / name;
  const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) fail("write", file, errno);
  int cause = 0;
  while (!text.empty() && cause == 0) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n >= 0)
      text.remove_prefix(size_t(n));
    else if (errno != EINTR)
      cause = errno;
  }
  if (::close(fd) != 0 && cause == 0) cause = errno;
  if (cause != 0) fail("write", file, cause);
}

void RunFolder::write_checkpoint(const std::string& name, const std::function<void(const fs::path&)>& write) {
  replace_folder(checkpoint(name), write);
}

void RunFolder::truncate_after(int64_t step) {
  for (const char* name : {"metrics.csv", "metrics.jsonl", "timing.jsonl"}) {
    const fs::path file = path_ / name;
    if (!fs::exists(file)) continue;
    const std::vector<std::string> lines = whole_lines(read_file(file));
    const bool csv = file.extension() == ".csv";
    std::string kept = csv && !lines.empty() ? lines[0] : "";
    for (size_t i = csv ? 1 : 0; i < lines.size(); ++i) {
      const std::optional<int64_t> at = csv ? step_in_csv(lines[0], lines[i]) : step_in_json(lines[i]);
      if (at && *at <= step) kept += lines[i];
    }
    if (kept.empty())
      fs::remove(file);
    else
      write_file(file, kept);
  }
}

void RunFolder::write_sums() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path_))
    if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(path_).string());
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names)
    if (name != "SHA256SUMS") text += sha256(read_file(path_ / name)) + "  " + name + "\n";
  write_file(path_ / "SHA256SUMS", text);
}

std::string shell_line(const std::vector<std::string>& argv) {
  std::string line;
  for (const std::string& word : argv) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

fs::path default_run_path(const std::string& model) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%d-%H%M%S-", &local);
  return fs::path("runs") / (text + model);
}

}  // namespace rc
