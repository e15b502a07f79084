// What a step takes of a device's memory.
#pragma once

#include <cstddef>

#include "engine/program.h"

namespace rc {

// In bytes.
struct StepMemory {
  size_t arena = 0;                                                  // of the step, at its peak
  size_t parameters = 0, gradients = 0, optimizer = 0, buffers = 0;  // what outlives a step
  size_t staging = 0;  // of a device that runs ahead, where the inputs of the next step arrive

  size_t variables() const { return parameters + gradients + optimizer + buffers; }
  size_t total() const { return arena + variables() + staging; }
};

StepMemory memory_of(const Program&);

// The node at which the most bytes of the arena are taken; the first of several.
size_t fullest_node(const Program&);
std::string title_of(const Node&);  // "layer1.0.conv1 conv2d.data_grad"

}  // namespace rc
