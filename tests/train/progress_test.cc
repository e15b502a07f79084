// Progress lines and bars, tables, and the signals that end a run.
#include "train/progress.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>

#include "engine/file.h"
#include "tests/data/fixtures.h"
#include "train/signals.h"
#include "train/table.h"

namespace rc {
namespace {

StepReport report() {
  return {3,    10,  1200, 3910, 0.43121, {{"ce", 0.31}, {"margin", 2.1}}, 1.8e-4, 812.4,
          39.4, 0.6, 6.1,  79,   760};
}

size_t characters(const std::string& text) {
  size_t n = 0;
  for (char c : text) n += (uint8_t(c) & 0xC0) != 0x80;
  return n;
}

// What a Progress writes.
template <class Action>
std::string written(Progress::Style style, Action action) {
  const TemporaryFolder folder;
  std::FILE* file = std::fopen((folder / "out").c_str(), "w");
  REQUIRE(file != nullptr);
  {
    Progress progress(file, style, 60, false);
    action(progress);
  }
  std::fclose(file);
  return read_file(folder / "out");
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("progress: the line") {
    CHECK(progress_line(report()) ==
          "epoch 3/10 step 1200/3910 (30%) | loss 0.4312 (ce 0.3100 margin 2.1000) | lr 1.8e-04 | 812 img/s "
          "| 39.4 ms | "
          "data 0.6 ms | mem 6.1/79.0 GiB | eta 12:40");
    StepReport empty;
    empty.loss = NAN, empty.eta_seconds = INFINITY;
    CHECK(progress_line(empty).find("loss – |") != std::string::npos);
    CHECK(progress_line(empty).ends_with("eta –"));
  }

  TEST_CASE("progress: clocks") {
    CHECK(clock_text(0) == "0:00");
    CHECK(clock_text(7.4) == "0:07");
    CHECK(clock_text(59.6) == "1:00");
    CHECK(clock_text(3723) == "1:02:03");
    CHECK(clock_text(-1) == "–");
  }

  TEST_CASE("progress: a bar fits any width and fills with the steps") {
    for (int columns = 0; columns < 200; ++columns)
      CHECK(int(characters(progress_bar(report(), columns, false))) <= columns);
    const auto filled = [](int64_t step) {
      StepReport r = report();
      r.step = step;
      const std::string bar = progress_bar(r, 120, false);
      size_t n = 0;
      for (size_t at = 0; (at = bar.find("━", at)) != std::string::npos; at += 3) ++n;
      return n;
    };
    CHECK(filled(0) == 0);
    CHECK(filled(1955) == 15);
    CHECK(filled(3910) == 30);
    CHECK(progress_bar(report(), 120, false).find('\x1b') == std::string::npos);
    CHECK(progress_bar(report(), 120, true).find("\x1b[32m") != std::string::npos);
  }

  TEST_CASE("progress: plain lines are whole lines, only when due; a bar leaves nothing behind") {
    const auto steps = [](Progress& progress) {
      progress.step(report(), false);
      progress.step(report(), true);
      progress.note("saved");
    };
    CHECK(written(Progress::Style::plain, steps) == progress_line(report()) + "\nsaved\n");
    CHECK(written(Progress::Style::none, steps) == "saved\n");
    const std::string bar = written(Progress::Style::bar, steps);
    CHECK(bar == "\r" + progress_bar(report(), 59, false) +
                     "\x1b[K\r\x1b[Ksaved\n");  // the second step came too soon
  }

  TEST_CASE("table: aligned by characters, and as Markdown") {
    Table table({"set", "AUC"});
    table.add({"Größe", "0.5"});
    table.add({"x|y", "–"});
    CHECK(table.text() == "set    AUC\n─────  ───\nGröße  0.5\nx|y      –\n");
    CHECK(table.markdown() == "| set | AUC |\n|---|---:|\n| Größe | 0.5 |\n| x\\|y | – |\n");
    CHECK(fixed(0.91235, 4) == "0.9123");
    CHECK(fixed(NAN, 4) == "–");
    CHECK(fixed(-1e300, 1).size() == 304);
  }

  TEST_CASE("signals: the first only asks, and the former handlers come back") {
    struct sigaction before = {}, after = {};
    ::sigaction(SIGINT, nullptr, &before);
    {
      const StopSignals stop;
      CHECK(stop.requested() == 0);
      ::raise(SIGINT);
      CHECK(stop.requested() == SIGINT);
    }
    ::sigaction(SIGINT, nullptr, &after);
    CHECK((before.sa_handler == after.sa_handler));
    const StopSignals again;
    CHECK(again.requested() == 0);
  }

  TEST_CASE("signals: the second ends the program at once, whichever it is") {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const StopSignals stop;
      ::raise(SIGTERM);
      if (stop.requested() != SIGTERM) ::_exit(1);
      ::raise(SIGINT);
      ::_exit(2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGINT);
  }
}

}  // namespace rc
