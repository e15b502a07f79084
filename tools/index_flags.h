// The flags of a command that reads a data set: how load_index is to read it. Commands that take a whole
// configuration have the same ones from its table.
#pragma once

#include <string>
#include <vector>

#include "data/index.h"

namespace CLI {
class App;
}

namespace rc {

// What the user gives stands in `read`, which must outlive the command, once the command line is parsed.
void add_index_flags(CLI::App& command, ReadOptions& read);

// The command line that gives these options.
std::vector<std::string> index_arguments(const ReadOptions& read);

// Says on standard error what of the set a user should know.
void warn_of(const Index&);

}  // namespace rc
