// A file that is written piece by piece and appears as a whole.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace rc {

// The bytes go to a temporary name in the same folder; finish() makes them durable and gives them the name.
// Without it the file that was there stays as it was. Throws Error(data) where it cannot be written.
class GrowingFile {
 public:
  explicit GrowingFile(std::filesystem::path);  // makes missing parent folders
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  void write(std::string_view bytes);
  void finish();  // once, the last call

 private:
  void flush(std::string_view bytes);
  [[noreturn]] void give_up();

  std::filesystem::path path_;
  std::string temporary_, buffer_;
  int fd_ = -1;
};

}  // namespace rc
