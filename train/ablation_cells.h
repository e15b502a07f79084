// The cells of the ablation: which part of the method each trains with, as settings over a base
// configuration.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rc {

struct AblationCell {
  std::string id;     // "A3b"
  std::string title;  // what sets it apart
  // Keys and values that win over the base. What a cell does not name stays as the base has it: the margin of
  // A3 is the base's.
  std::vector<std::pair<std::string, std::string>> settings;
};

// All of them, in the order of every table. Each step of A0 to A6 adds one part; A3a ... A5d are other
// readings of a part; A6-x leaves one out of the whole; C1 and C2 are controls of other authors.
std::span<const AblationCell> ablation_cells();

// The cells of "A0,A3" or of the groups main, leave-one-out, variants, controls, all; in the table's order,
// each once. Throws Error(usage) that names the nearest.
std::vector<const AblationCell*> parse_ablation_cells(std::string_view text);

}  // namespace rc
