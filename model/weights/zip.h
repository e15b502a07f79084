// ZIP archives in memory, as PyTorch and NumPy write them: entries stored or deflated, ZIP64, sizes taken
// from the central directory (entries may be followed by data descriptors). (PKWARE's APPNOTE 6.3.)
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rc {

bool is_zip(std::string_view bytes);  // by its first bytes

class Zip {
 public:
  // Reads the directory; `bytes` must outlive this. Throws Error(data) that names `name` for anything that is
  // not whole: a directory or an entry beyond the file, names twice, encryption, other methods.
  Zip(std::string_view bytes, std::string name);

  std::vector<std::string> names() const;  // sorted
  bool contains(const std::string& entry) const { return entries_.contains(entry); }
  uint64_t packed_size() const { return bytes_.size(); }  // of the whole archive

  // The bytes of an entry, whose checksum is right. Those of a stored one lie in the archive; those of a
  // deflated one are written to `room`.
  std::string_view read(const std::string& entry, std::string& room) const;

 private:
  struct Entry {
    std::string_view packed;
    uint64_t size;
    uint32_t checksum;
    bool deflated;
  };
  [[noreturn]] void refuse(const std::string& why) const;
  std::string_view slice(uint64_t begin, uint64_t size, const char* what) const;
  uint64_t number(std::string_view bytes, size_t at, size_t size) const;
  std::pair<std::string_view, uint64_t> directory() const;  // its bytes and how many entries it has
  std::string_view packed_bytes(uint64_t local, uint64_t size) const;

  std::string_view bytes_;
  std::string name_;
  std::map<std::string, Entry> entries_;
};

// An archive of stored entries dated 1980-01-01, as NumPy writes one: same entries, same bytes. Throws
// Error(data) where it would be beyond 4 GiB.
std::string encode_zip(const std::vector<std::pair<std::string, std::string>>& entries);

}  // namespace rc
