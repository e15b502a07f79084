// What a training run's memory is taken by, and which batch would fit: before the run, or instead of it.
#pragma once

#include <string>

#include "train/config.h"
#include "train/step_memory.h"

namespace rc {

// "604 MiB: arena 420 (fullest at layer4.1.conv2 conv2d.data_grad), parameters 44, gradients 44, ...".
std::string memory_text(const Program&);

// "about 808 images x 2 views in the 18043 MiB that are free": for the step of the
// configuration, in about a tenth of a second.
std::string largest_batch_text(const Program&, const Config&);

// What to throw where the step of the configuration could not be reserved: `cause` is what the device said.
Error out_of_memory(const Program&, const Config&, const Error& cause);

}  // namespace rc
