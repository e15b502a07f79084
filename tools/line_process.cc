#include "tools/line_process.h"

#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/error.h"

namespace rc {

LineProcess::LineProcess(std::vector<std::string> arguments, std::string hint) : hint_(std::move(hint)) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) {
    command_ += (command_.empty() ? "" : " ") + argument;
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);

  // One socket serves both ways, and writing to it when the other side has gone is an error, not a signal.
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail(std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  const int failure = ::posix_spawnp(&child_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  socket_ = ends[0];
  if (failure != 0) {
    ::close(socket_);
    fail(std::strerror(failure));
  }
}

LineProcess::~LineProcess() {
  ::close(socket_);
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::string LineProcess::read() {
  for (;;) {
    if (const size_t end = received_.find('\n'); end != std::string::npos) {
      const std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    char buffer[4096];
    const ssize_t n = ::recv(socket_, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail("it ended");
    received_.append(buffer, size_t(n));
  }
}

std::string LineProcess::ask(const std::string& line) {
  const std::string text = line + "\n";
  if (::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) != ssize_t(text.size())) fail("it ended");
  return read();
}

void LineProcess::fail(const std::string& why) const {
  throw Error(Exit::data, "cannot go on with " + command_, why, hint_);
}

}  // namespace rc
