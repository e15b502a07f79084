// The command line as it was typed.
#pragma once

#include <string>
#include <vector>

namespace rc {

// The program and its arguments, as the kernel keeps them.
std::vector<std::string> process_arguments();

}  // namespace rc
