// Whole files: read with a bound, written atomically (temporary name in the same folder, fsync, rename).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace rc {

// The bytes of a regular file. Throws Error(data) that names the path when it is missing, unreadable or
// larger than `limit`.
std::string read_file(const std::filesystem::path&, uint64_t limit = uint64_t(1) << 32);

// Writes all of `bytes` or nothing: a crash, a full disk or a signal leaves the old file as it was. Makes
// missing parent folders.
void write_file(const std::filesystem::path&, std::string_view bytes);

}  // namespace rc
