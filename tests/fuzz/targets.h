// The parsers of what comes from outside, each as a function of bytes: for libFuzzer, and for the corpus that
// is read on every machine.
#pragma once

#include <span>
#include <string_view>

namespace rc::fuzz {

struct Target {
  const char* name;  // its inputs are in corpus/<name>/
  void (*parse)(std::string_view bytes);
  bool of_weights = false;  // these files come from anywhere: fuzzed for longer
};
std::span<const Target> targets();

// Bytes are read or refused: whatever else comes of them (a bug's exception, a result that contradicts
// itself) leaves this function as an exception.
void read_or_refuse(const Target&, std::string_view bytes);

}  // namespace rc::fuzz
