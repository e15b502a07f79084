// Runs another program and waits for it: no shell, arguments as they are.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rc {

// Runs `arguments` (the program first, found by PATH) in `folder` with an empty standard input; returns what
// it wrote to both outputs, the last 64 KiB of it. Throws Error(data) with `hint` when there is no such
// program or it fails.
std::string run_process(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                        const std::string& hint);

}  // namespace rc
