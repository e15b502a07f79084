// A folder that is replaced as a whole, so that its name holds the old or the new content at every moment:
// checkpoints.
#pragma once

#include <filesystem>
#include <functional>

namespace rc {

// Lets `write` fill a new folder beside `path`, then gives it the name by one exchange, durably. A failure or
// a crash before that leaves what was there. Where the file system cannot exchange, two renames;
// recover_folders mends a crash between them. Throws Error(data) that names the path, and whatever `write`
// throws.
void replace_folder(const std::filesystem::path& path,
                    const std::function<void(const std::filesystem::path&)>& write);

// Removes what a crash left of replacements within `parent`, and finishes those that it cut in two.
void recover_folders(const std::filesystem::path& parent);

}  // namespace rc
