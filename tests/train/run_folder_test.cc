// The run folder: refused, replaced, resumed; what is written, in which form; full disks and kills.
#include "train/run_folder.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/build_info.h"
#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"
#include "tests/data/fixtures.h"
#include "train/replace_folder.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

template <class Action>
std::pair<Exit, std::string> error_of(Action action) {
  try {
    action();
  } catch (const Error& e) {
    return {e.code(), e.text()};
  }
  return {Exit::ok, ""};
}

RunFolder new_run(const TemporaryFolder& folder) {
  RunFolder run(folder / "run", Existing::refuse);
  run.write_config({{"seed", 1}});
  return run;
}

// A checkpoint of two files that belong together: both say the same number.
void write_pair(RunFolder& run, int number) {
  run.write_checkpoint("last", [&](const fs::path& at) {
    write_file(at / "model", std::to_string(number));
    write_file(at / "optim", std::to_string(number));
  });
}

// A process that ends with this object, however the test ends: with SIGKILL, as a power cut would.
class Child {
 public:
  template <class Action>
  explicit Child(Action action) : pid_(::fork()) {
    REQUIRE(pid_ >= 0);
    if (pid_ > 0) return;
    try {
      action();
    } catch (...) {
    }
    ::_exit(1);
  }
  Child(const Child&) = delete;
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

// Files may not grow beyond this many bytes while it lives: a full disk, without one.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) : old_handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileLimit(const FileLimit&) = delete;
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  sighandler_t old_handler_;
};

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE(
      "run folder: an existing one is refused with a hint, replaced when asked, and no other folder is") {
    const TemporaryFolder folder;
    new_run(folder);
    const auto [code, text] = error_of([&] { RunFolder(folder / "run", Existing::refuse); });
    CHECK(code == Exit::usage);
    CHECK(text.find("already exists") != std::string::npos);
    CHECK(text.find("hint: --resume goes on with it, --force replaces it") != std::string::npos);

    write_file(folder / "run/stale", "x");
    RunFolder(folder / "run", Existing::replace);
    CHECK_FALSE(fs::exists(folder / "run/stale"));
    CHECK_FALSE(fs::exists(folder / "run/config.json"));

    write_file(folder / "photos/precious.jpg", "x");
    CHECK(error_of([&] { RunFolder(folder / "photos", Existing::replace); }).first == Exit::usage);
    CHECK(fs::exists(folder / "photos/precious.jpg"));
    CHECK(error_of([&] { RunFolder(folder / "photos/precious.jpg", Existing::replace); }).first ==
          Exit::usage);
    fs::create_directory(folder / "empty");
    CHECK(error_of([&] { RunFolder(folder / "empty", Existing::refuse); }).first == Exit::ok);
  }

  TEST_CASE("run folder: only a run is resumed") {
    const TemporaryFolder folder;
    CHECK(error_of([&] { RunFolder(folder / "none", Existing::resume); }).second.find("no run to resume") ==
          0);
    new_run(folder);
    CHECK(error_of([&] { RunFolder(folder / "run", Existing::resume); }).first == Exit::ok);
  }

  TEST_CASE("run folder: rows after the checkpoint's step are dropped, cut lines too") {
    const TemporaryFolder folder;
    RunFolder run = new_run(folder);
    for (int64_t step = 10; step <= 40; step += 10) {
      run.add_metrics({{"step", step}, {"loss", step == 20 ? double(NAN) : 0.1}});
      run.add_timing({{"step", step}, {"ms", 1.5}});
      run.add_epoch({{"epoch", step / 10}, {"step", step}, {"note", std::string("a,\"b\"")}});
    }
    const std::string all = read_file(folder / "run/metrics.csv");
    CHECK(all.starts_with("epoch,step,note\n1,10,\"a,\"\"b\"\"\"\n"));
    write_file(folder / "run/metrics.jsonl", read_file(folder / "run/metrics.jsonl") + "{\"step\":2");
    write_file(folder / "run/metrics.csv", all + "5,2");

    RunFolder again(folder / "run", Existing::resume);
    again.truncate_after(20);
    CHECK(read_file(folder / "run/metrics.jsonl") ==
          "{\"step\":10,\"loss\":0.1}\n{\"step\":20,\"loss\":null}\n");
    CHECK(read_file(folder / "run/timing.jsonl") == "{\"step\":10,\"ms\":1.5}\n{\"step\":20,\"ms\":1.5}\n");
    CHECK(read_file(folder / "run/metrics.csv") == all.substr(0, all.find("3,30")));
    again.add_epoch({{"epoch", int64_t(3)}, {"step", int64_t(30)}, {"note", std::string("a,\"b\"")}});
    again.add_epoch({{"epoch", int64_t(4)}, {"step", int64_t(40)}, {"note", std::string("a,\"b\"")}});
    CHECK(read_file(folder / "run/metrics.csv") == all);
    CHECK_THROWS_AS(again.add_epoch({{"epoch", int64_t(4)}, {"other", int64_t(1)}}),
                    Error);  // columns never change

    again.truncate_after(0);
    CHECK_FALSE(fs::exists(folder / "run/metrics.jsonl"));
    CHECK(read_file(folder / "run/metrics.csv") == "epoch,step,note\n");
  }

  TEST_CASE("run folder: command lines, the record, the sums") {
    const TemporaryFolder folder;
    RunFolder run = new_run(folder);
    run.write_command_line({"realcentric", "train", "--data", "my faces", "--set", "out=it's", ""});
    run.write_command_line({"realcentric", "train", "--resume"});
    CHECK(read_file(folder / "run/cmdline.txt") ==
          "realcentric train --data 'my faces' --set 'out=it'\\''s' ''\nrealcentric train --resume\n");

    RunRecord record{"cpu", 2, {{"oneDNN", "2.6.3"}}, "abc", "def", std::nullopt, ""};
    run.write_record(record);
    auto json = nlohmann::json::parse(read_file(folder / "run/run.json"));
    CHECK(json["exit_status"].is_null());
    CHECK(json["build_id"] == build_id());
    CHECK(json["libraries"]["oneDNN"] == "2.6.3");
    record.exit_status = 130, record.stopped = "signal";
    run.write_record(record);
    json = nlohmann::json::parse(read_file(folder / "run/run.json"));
    CHECK(json["exit_status"] == 130);

    write_pair(run, 1);
    run.log("first");
    run.log("second");
    run.write_sums();
    run.write_sums();  // leaves itself out
    std::string sums;
    for (const char* name : {"checkpoints/last/model", "checkpoints/last/optim", "cmdline.txt", "config.json",
                             "run.json", "train.log"})
      sums += sha256(read_file(folder / "run" / name)) + "  " + name + "\n";
    CHECK(read_file(folder / "run/SHA256SUMS") == sums);
    CHECK(read_file(folder / "run/train.log") == "first\nsecond\n");
  }

  TEST_CASE("run folder: a default name has the time and the model") {
    const std::string name = default_run_path("resnet18").string();
    CHECK(name.size() == std::string("runs/20260101-000000-resnet18").size());
    CHECK(name.ends_with("-resnet18"));
  }
}

TEST_SUITE("faults") {
  TEST_CASE("run folder: where nothing can be written, a clean error") {
    const auto [code, text] = error_of([] { RunFolder("/dev/null/run", Existing::refuse); });
    CHECK(code == Exit::data);
    CHECK(text.find("/dev/null/run") != std::string::npos);
    CHECK(error_of([] { RunFolder("/proc/realcentric/run", Existing::refuse); }).first == Exit::data);
  }

  TEST_CASE("run folder: a full disk under a log is an error that names the file") {
    const TemporaryFolder folder;
    RunFolder run = new_run(folder);
    fs::create_symlink("/dev/full", folder / "run/metrics.jsonl");
    const auto [code, text] = error_of([&] { run.add_metrics({{"step", int64_t(1)}}); });
    CHECK(code == Exit::data);
    CHECK(text.find("metrics.jsonl — No space left on device") != std::string::npos);
  }

  TEST_CASE("checkpoint: a full disk leaves the one before, and nothing of the new one") {
    const TemporaryFolder folder;
    RunFolder run = new_run(folder);
    write_pair(run, 1);
    {
      const FileLimit limit(4096);
      const auto failing = [&] {
        run.write_checkpoint("last", [](const fs::path& at) {
          write_file(at / "model", "2");
          write_file(at / "optim", std::string(100000, 'x'));
        });
      };
      CHECK(error_of(failing).first == Exit::data);
    }
    CHECK(read_file(run.checkpoint("last") / "model") == "1");
    CHECK(std::distance(fs::directory_iterator(folder / "run/checkpoints"), fs::directory_iterator{}) == 1);
    write_pair(run, 3);
    CHECK(read_file(run.checkpoint("last") / "model") == "3");
  }

  TEST_CASE("checkpoint: killed at any moment, the name holds a whole one") {
    const TemporaryFolder folder;
    RunFolder run = new_run(folder);
    write_pair(run, 0);
    int newest = 0;
    for (int round = 0; round < 20; ++round) {
      {
        // It finishes one, and is killed somewhere in the next ones.
        const Child child([&] {
          for (int number = newest + 1;; ++number) write_pair(run, number);
        });
        const auto current = [&] { return std::stoi(read_file(run.checkpoint("last") / "model")); };
        for (int wait = 0; wait < 10000 && current() == newest; ++wait) ::usleep(1000);
        ::usleep(useconds_t(1700 * round));
      }
      const RunFolder again(folder / "run", Existing::resume);
      const std::string model = read_file(again.checkpoint("last") / "model");
      CHECK(model == read_file(again.checkpoint("last") / "optim"));
      CHECK(std::stoi(model) > newest);
      newest = std::stoi(model);
      CHECK(std::distance(fs::directory_iterator(folder / "run/checkpoints"), fs::directory_iterator{}) == 1);
    }
  }

  TEST_CASE("checkpoint: a crash between two renames is mended") {
    const TemporaryFolder folder;
    write_file(folder / "c/.last.old/model", "old");
    write_file(folder / "c/.last.new/model", "new");
    write_file(folder / "c/best/model", "best");
    write_file(folder / "c/.best.old/model", "worse");
    recover_folders(folder / "c");
    CHECK(read_file(folder / "c/last/model") == "old");
    CHECK(read_file(folder / "c/best/model") == "best");
    CHECK(std::distance(fs::directory_iterator(folder / "c"), fs::directory_iterator{}) == 2);
  }
}

}  // namespace rc
