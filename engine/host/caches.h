// The caches of this processor.
#pragma once

#include <cstddef>
#include <string>

namespace rc {

// The largest activation that is written through the caches; beyond it, past them (kernels/streams.h). Half
// of the first core's largest one, whose other half is for what the activation is made of; SIZE_MAX where the
// system does not say. `directory`: of Linux's description, a folder index<i> for each cache.
size_t bytes_left_to_caches(const std::string& directory = "/sys/devices/system/cpu/cpu0/cache");

}  // namespace rc
