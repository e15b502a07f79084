// How much something that is no face tells of the class: if all fakes are PNG and all real pictures JPEG, a
// detector learns to tell PNG from JPEG, and every figure is void.
#pragma once

#include <string>
#include <vector>

namespace rc {

// A value of each video, with its class (0 real, 1 fake).
struct Telltale {
  // Balanced accuracy of whoever knows this value alone: 0.5 nothing, 1 everything.
  double accuracy = 0.5;
  // Three standard deviations above 0.5 of what chance reaches with so many videos.
  double chance = 1;
};

// Of names: each video is judged by the class that has the larger share among the others of its name; a half
// where there is none. 0.5 and 1 for a class of fewer than two videos.
Telltale telltale_of_names(const std::vector<std::string>& names, const std::vector<int>& labels);

// Of numbers: the larger of A and 1 - A, where A is the probability that a fake has a larger one than a real
// video, ties counted half (Mann-Whitney).
Telltale telltale_of_numbers(const std::vector<double>& numbers, const std::vector<int>& labels);

}  // namespace rc
