#include "tests/emulated/emulator.h"

#include <cuda_runtime_api.h>
#include <doctest/doctest.h>
#include <ptxemu.h>

#include <cstdlib>
#include <sstream>
#include <utility>

#include "engine/error.h"

namespace rc {
namespace {

// The text between two marks, empty where they are not.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const size_t from = text.find(begin);
  if (from == std::string::npos) return {};
  const size_t to = text.find(end, from + begin.size());
  return text.substr(from + begin.size(), to - from - begin.size());
}

// The emulator forgets to forget: that several lanes read a place is still held against it after a barrier if
// the first lane that then reads it was also the last one before. That lane's write is then a race with
// itself.
bool false_alarm(const std::string& report) {
  if (report.find("write-after-read") == std::string::npos) return false;
  const std::string other = between(report, "conflicts with thread ", " of the SAME warp");
  return !other.empty() && other == between(report, ") thread ", " in ");
}

}  // namespace

Listener::Listener() : terminal_(stderr) {
  pe_option("reports=1000000");  // of each kernel: a false alarm must not use up the last one
  stderr = open_memstream(&heard_, &size_);
}

Listener::~Listener() { end(); }

std::string Listener::end() {
  if (!terminal_) return {};
  std::fclose(stderr);
  stderr = std::exchange(terminal_, nullptr);
  std::istringstream lines(std::string(heard_, size_));
  std::free(heard_);

  // A complaint is a line and the indented ones below; what was only asked for (PTXEMU_TRACE, _STATS) goes
  // on.
  std::string all, one;
  const auto finish = [&] {
    if (!false_alarm(one)) all += one;
    one.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("cudart_emu: launch _Z") || line.starts_with("ptxemu stats")) {
      std::fprintf(stderr, "%s\n", line.c_str());
      continue;
    }
    if (!line.starts_with(' ')) finish();
    one += line + "\n";
  }
  finish();
  return all;
}

NoComplaints::~NoComplaints() {
  const std::string heard = listener_.end();
  if (!heard.empty()) FAIL_CHECK(heard);
}

std::string complaints(const std::function<void()>& start) {
  Listener listener;
  std::string thrown;
  try {
    start();
    const cudaError_t status = cudaDeviceSynchronize();
    if (status != cudaSuccess) thrown = cudaGetErrorName(status);
  } catch (const Error& error) {
    thrown = error.text();
  }
  if (!thrown.empty()) {
    cudaDeviceReset();
    cudaGetLastError();
  }
  const std::string heard = listener.end();
  return heard.empty() ? thrown : heard;
}

}  // namespace rc
