// Which known word a mistyped one was meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rc {

// The first candidate at the smallest edit distance (insertion, deletion, substitution, swap of neighbours),
// where that is at most a third of the word's length, at least 2; else empty. A word without a dot is also
// compared with what follows a candidate's last dot.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace rc
