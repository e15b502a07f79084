// The one exception type. What went wrong, where, and a hint that a user can act on; its code is the exit
// code.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace rc {

enum class Exit : int {
  ok = 0,
  internal = 1,   // a bug of ours
  usage = 2,      // command line or config
  data = 3,       // file missing, corrupt, of the wrong format
  device = 4,     // no device, driver too old, no kernel image
  memory = 5,     // host or device memory
  numerical = 6,  // non-finite loss or weights
  check = 7,      // a check that the user asked for failed
  interrupted = 130,
  terminated = 143,
};

class Error : public std::runtime_error {
 public:
  Error(Exit code, const std::string& what, std::string where = {}, std::string hint = {})
      : std::runtime_error(what), code_(code), where_(std::move(where)), hint_(std::move(hint)) {}

  Exit code() const { return code_; }
  const std::string& where() const { return where_; }
  const std::string& hint() const { return hint_; }

  // "<what> — <where>\n  hint: <hint>", the text after "realcentric: error: ".
  std::string text() const {
    std::string s = what();
    if (!where_.empty()) s += " — " + where_;
    if (!hint_.empty()) s += "\n  hint: " + hint_;
    return s;
  }

 private:
  Exit code_;
  std::string where_, hint_;
};

// An invariant of ours that must hold; its failure is a bug, not the user's fault.
inline void check(bool holds, std::string_view what, std::string_view where = {}) {
  if (!holds) [[unlikely]]
    throw Error(Exit::internal, std::string(what), std::string(where));
}

}  // namespace rc
