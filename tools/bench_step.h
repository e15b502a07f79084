// Our side of `realcentric bench`: one step of a network on random pixels that are in memory, no loader.
#pragma once

#include <cstdint>
#include <string>

namespace rc {

struct BenchCase {
  std::string model = "resnet18", mode = "train";  // train | infer
  std::string optimizer = "sgd";                   // sgd | adam, with the peer's settings
  std::string precision = "fp32";                  // fp32 | bf16
  int batch = 16, size = 224, threads = 0;
};

// Answers a driver on standard input and output as bench_torch.py does: a line {"ready": true, ...} after
// warming up, then for each "step K" {"seconds": wall-clock time, "peak_rss_bytes": of this process}.
void serve_bench(const BenchCase&);

}  // namespace rc
