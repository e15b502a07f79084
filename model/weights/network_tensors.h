// What a backbone's weights are: the names and shapes that a file of them should hold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rc {

struct NetworkTensor {
  std::string name;
  std::vector<int64_t> shape;  // as in files: filters are [K, C, R, S]
  bool classifier = false;     // of two classes; published ones have others
};

// Of the backbone and its classifier, parameters and running statistics, all fp32. Throws Error(usage) for an
// unknown name.
std::vector<NetworkTensor> network_tensors(const std::string& backbone);

}  // namespace rc
