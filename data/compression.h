// Which compression of a data set that has several: raw (c0), c23, c40.
#pragma once

#include <set>
#include <string>

namespace rc {

// What is asked for, if it is among those that are `there`; without asking there must be one alone. Throws
// Error(data) that names `where`.
std::string choose_compression(const std::string& where, const std::set<std::string>& there,
                               const std::string& asked);

}  // namespace rc
