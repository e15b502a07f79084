#include "engine/host/caches.h"

#include <algorithm>
#include <cstdint>
#include <fstream>

namespace rc {

size_t bytes_left_to_caches(const std::string& directory) {
  size_t largest = 0, kibibytes = 0;
  char unit = 0;
  for (int i = 0; i < 8; ++i)
    if (std::ifstream(directory + "/index" + std::to_string(i) + "/size") >> kibibytes >> unit && unit == 'K')
      largest = std::max(largest, kibibytes);
  return largest > 0 ? largest << 9 : SIZE_MAX;
}

}  // namespace rc
