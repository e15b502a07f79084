// What the tests of cuDNN's plans share: a GPU that is described, and a convolution.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "engine/cuda/open.h"
#include "engine/gpu.h"

namespace rc {

// Whether an error says that cuDNN is not installed. Anything else that goes wrong is a failure.
inline bool no_cudnn(const Error& error) {
  return std::string(error.what()).starts_with("cannot open libcudnn");
}

// The device, or nothing and a message where this build or machine cannot plan for one.
inline std::unique_ptr<Device> described(const std::string& gpu) {
  if (!cuda_in_build()) {
    MESSAGE("skipped: no CUDA device in this build");
    return nullptr;
  }
  try {
    return described_gpu(known_gpu(gpu));
  } catch (const Error& error) {
    if (!no_cudnn(error)) throw;
    MESSAGE("skipped: no cuDNN");
    return nullptr;
  }
}

// A layer of ResNet-18's first stage.
inline const ConvDesc kBlock{.n = 32,
                             .h = 56,
                             .w = 56,
                             .c = 64,
                             .k = 64,
                             .r = 3,
                             .s = 3,
                             .stride = 1,
                             .pad = 1,
                             .in_block = 64,
                             .out_block = 64};

}  // namespace rc
