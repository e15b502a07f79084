// The caches of this processor.
#pragma once

#include <cstddef>
#include <string>

namespace rc {

// Bytes from which on an activation is written past the caches (kernels/streams.h): more than half of the
// first core's largest one, whose other half is for what the activation is made of. SIZE_MAX, which is never,
// where the system does not say. `directory`: of Linux's description, a folder index<i> for each cache.
size_t written_past_caches(const std::string& directory = "/sys/devices/system/cpu/cpu0/cache");

}  // namespace rc
