#include "data/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/error.h"

namespace rc {
namespace {

constexpr size_t kKept = 64 << 10;

// What to set up in the child; frees itself.
struct Actions {
  posix_spawn_file_actions_t value;
  Actions() { posix_spawn_file_actions_init(&value); }
  ~Actions() { posix_spawn_file_actions_destroy(&value); }
};

std::string read_all(int descriptor) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(descriptor, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(buffer, size_t(n));
    if (text.size() > 2 * kKept) text.erase(0, text.size() - kKept);
  }
}

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const size_t end = text.find_last_of('\n');
  return end == text.npos ? text : text.substr(end + 1);
}

}  // namespace

std::string run_process(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                        const std::string& hint) {
  std::string command;
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    command += (command.empty() ? "" : " ") + argument;
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error(Exit::data, "cannot run " + command, std::strerror(errno));
  Actions actions;
  posix_spawn_file_actions_addopen(&actions.value, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions.value, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions.value, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(&actions.value, folder.c_str());

  pid_t child = -1;
  const int failure = ::posix_spawnp(&child, argv[0], &actions.value, nullptr, argv.data(), environ);
  ::close(ends[1]);
  const std::string output = failure == 0 ? read_all(ends[0]) : "";
  ::close(ends[0]);
  if (failure != 0) throw Error(Exit::data, "cannot run " + command, std::strerror(failure), hint);

  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  const std::string how = WIFEXITED(status) ? "exit status " + std::to_string(WEXITSTATUS(status))
                                            : "signal " + std::to_string(WTERMSIG(status));
  throw Error(Exit::data, "failed: " + command, how + ": " + last_line(output), hint);
}

}  // namespace rc
