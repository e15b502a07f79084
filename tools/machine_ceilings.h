// What a machine could do at most: measured on the processor, a GPU's by its description.
#pragma once

#include <string>
#include <vector>

#include "engine/device.h"
#include "train/step_profile.h"

namespace rc {

// Of so many threads of the processor at once.
struct MachineCeilings {
  double fp32 = 0;        // FLOP/s of fused multiply-adds on registers
  double bf16 = 0;        // FLOP/s of products of bf16; fp32's where no instruction is faster
  std::string bf16_unit;  // "AMX", "AVX512_BF16"; empty: fp32's
  struct Copy {
    double bytes, bytes_per_second;
  };
  std::vector<Copy> copies;  // by size; what fits a cache is copied there

  double memory(double bytes) const;  // bytes a second for so many in all, between the measured sizes
};
MachineCeilings measure_ceilings(int threads);  // about a second

Roofline roofline(const Cost&, const MachineCeilings&);

// Of the device of that name: "cpu" is measured now, "cuda:N" is what its description says.
Ceilings ceilings_of(const std::string& device, const Policy&, int threads);

}  // namespace rc
