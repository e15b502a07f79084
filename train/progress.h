// What a run shows while it goes on: a bar that redraws itself on a terminal, plain lines anywhere else.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rc {

// One step of training.
struct StepReport {
  int epoch = 0, epochs = 0;    // from 1
  int64_t step = 0, steps = 0;  // of the whole run, done and planned
  double loss = 0;
  std::vector<std::pair<std::string, double>> parts;  // "ce", "margin"
  double lr = 0;
  double images_per_second = 0, step_ms = 0, data_wait_ms = 0;
  double memory_gib = 0, memory_total_gib = 0;
  double eta_seconds = 0;
};

// "epoch 3/10 step 1200/3910 (31%) | loss 0.4312 (ce 0.3100 margin 2.1000) | lr 1.8e-04 | 812 img/s | 39.4 ms
// | data 0.6 ms | mem 6.1/79.0 GiB | eta 12:40"
std::string progress_line(const StepReport&);
// The same in short with a bar, at most `columns` characters wide.
std::string progress_bar(const StepReport&, int columns, bool colour);
std::string clock_text(double seconds);  // 0:07, 12:40, 1:02:03

class Progress {
 public:
  enum class Style { bar, plain, none };

  Progress(std::FILE* out, Style, int columns, bool colour);
  // On stderr, as asked for: auto (a bar on a terminal), bar, plain or none. COLUMNS and NO_COLOR are obeyed.
  static Progress on_stderr(const std::string& style);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Redraws the bar, at most ten times a second; `line` says whether a plain line is due.
  void step(const StepReport&, bool line);
  void note(std::string_view line);  // a line that stays, above the bar; shown under every style

 private:
  void clear();

  std::FILE* out_;
  Style style_;
  int columns_;
  bool colour_, drawn_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace rc
