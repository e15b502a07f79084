// Another program that is talked to over its standard input and output, a line at a time.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace rc {

class LineProcess {
 public:
  // Starts `arguments`, the program first (found by PATH). What it says on standard error goes to ours. All
  // functions throw Error(data) with `hint` when there is no such program or it has ended.
  LineProcess(std::vector<std::string> arguments, std::string hint);
  ~LineProcess();  // ends its input and waits for it
  LineProcess(const LineProcess&) = delete;
  LineProcess& operator=(const LineProcess&) = delete;

  std::string read();                        // its next line
  std::string ask(const std::string& line);  // writes a line and reads the answer

 private:
  [[noreturn]] void fail(const std::string& why) const;

  std::string command_, hint_, received_;
  int socket_ = -1;
  pid_t child_ = -1;
};

}  // namespace rc
