#include "tools/self_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "engine/error.h"

namespace rc {
namespace {

constexpr const char* kSelf = "/proc/self/exe";
constexpr std::string_view kErrorWords = "realcentric: error: ";

// Between fork and exec only what a signal handler may call.
[[noreturn]] void become(char* const* argv, int error_output, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);  // it died before the line above
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  ::dup2(error_output, STDERR_FILENO);
  ::execv(kSelf, argv);
  ::_exit(127);
}

// Passes lines on and keeps the error among them.
class Lines {
 public:
  Lines(const std::string& prefix) : prefix_(prefix) {}
  void add(const char* text, size_t size) {
    open_.append(text, size);
    for (size_t end; (end = open_.find('\n')) != open_.npos; open_.erase(0, end + 1))
      line(open_.substr(0, end));
  }
  std::string finish() {
    if (!open_.empty()) line(open_);
    return error_;
  }

 private:
  void line(const std::string& text) {
    std::fprintf(stderr, "%s%s\n", prefix_.c_str(), text.c_str());
    if (text.starts_with(kErrorWords))
      error_ = text.substr(kErrorWords.size());
    else if (!error_.empty())
      error_ += "\n" + text;
  }

  std::string prefix_, open_, error_;
};

}  // namespace

SelfResult run_self(const std::vector<std::string>& arguments, const std::string& prefix,
                    const StopSignals& signals) {
  std::vector<char*> argv = {const_cast<char*>("realcentric")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error(Exit::internal, "cannot make a pipe", std::strerror(errno));
  const pid_t self = ::getpid(), child = ::fork();
  if (child == 0) become(argv.data(), ends[1], self);
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    throw Error(Exit::internal, "cannot start a process", std::strerror(errno));
  }
  ::setpgid(child, child);  // on both sides: whoever comes first

  Lines lines(prefix);
  bool told = false;
  constexpr int kPatience = 100;  // milliseconds between two looks at the signals
  char buffer[4096];
  for (pollfd ready = {ends[0], POLLIN, 0};;) {
    if (signals.requested() && !told) ::kill(child, signals.requested()), told = true;
    if (::poll(&ready, 1, kPatience) <= 0) continue;
    const ssize_t n = ::read(ends[0], buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    lines.add(buffer, size_t(n));
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), lines.finish()};
}

}  // namespace rc
