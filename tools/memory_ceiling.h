// What memory could do at most for so many bytes: a plain copy.
#pragma once

#include <cstddef>

namespace rc {

// Bytes read and written a second when `bytes` are moved in all, half read and half written, by so many
// threads: the best of several tries. What fits a cache is copied there.
double measure_memory_ceiling(size_t bytes, int threads);

}  // namespace rc
