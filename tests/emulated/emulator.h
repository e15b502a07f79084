// What the PTX emulator has to say about what runs on it. It complains of an access out of bounds or
// misaligned, lanes that wait for ever, a call that CUDA would refuse; and under PTXEMU_CHECK of races and of
// values that nobody wrote.
#pragma once

#include <cstdio>
#include <functional>
#include <string>

namespace rc {

// Listens from its beginning to its end.
class Listener {
 public:
  Listener();
  ~Listener();
  Listener(const Listener&) = delete;
  std::string end();  // the complaints since the beginning, empty when all was well

 private:
  FILE* terminal_;
  char* heard_ = nullptr;
  size_t size_ = 0;
};

// Fails the test case that it lives in on a complaint.
class NoComplaints {
 public:
  ~NoComplaints();

 private:
  Listener listener_;
};

// Starts kernels and waits for them; the device is in order again afterwards.
std::string complaints(const std::function<void()>& start);

}  // namespace rc
