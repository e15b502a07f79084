// The official splits of FaceForensics++ (dataset/splits of its repository): 360, 70 and 70 pairs of the
// videos 000 to 999. A pair (a, b) stands for the fakes a_b and b_a of every method.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rc {

// Of "train", "val" or "test".
std::vector<std::pair<std::string, std::string>> ffpp_pairs(std::string_view split);

}  // namespace rc
