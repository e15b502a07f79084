// How far a long piece of work is, and when it will end.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace rc {

// On standard error: redrawn in place on a terminal, a line every half minute anywhere else.
class CountedProgress {
 public:
  explicit CountedProgress(std::string what) : what_(std::move(what)) {}  // "frame"
  void show(size_t done, size_t all);                                     // done above 0

 private:
  std::string what_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  double next_ = 0;  // second of the next line
};

}  // namespace rc
