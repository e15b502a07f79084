// The known name that a user most likely meant: for "did you mean" hints.
#pragma once

#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace rc {

// Insertions, deletions and replacements that make `a` of `b` (Levenshtein 1966).
inline size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t(0));
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

// The first of the closest names, or empty where even that one shares too little to be a slip of the fingers.
inline std::string nearest(std::string_view word, const std::vector<std::string>& names) {
  std::string best;
  size_t least = std::max<size_t>(word.size() / 2, 2) + 1;
  for (const std::string& name : names)
    if (const size_t distance = edit_distance(word, name); distance < least) best = name, least = distance;
  return best;
}

}  // namespace rc
