#include "tools/machine_ceilings.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "engine/gpu.h"
#include "tools/dot_ceiling.h"
#include "tools/fma_ceiling.h"
#include "tools/memory_ceiling.h"
#include "train/table.h"

namespace rc {
namespace {

std::string text_of(const MachineCeilings& m) {
  const auto giga = [](double x) { return fixed(x * 1e-9, 0); };
  std::string out = giga(m.fp32) + " GFLOP/s fp32";
  if (!m.bf16_unit.empty()) out += ", " + giga(m.bf16) + " bf16 (" + m.bf16_unit + ")";
  const auto copy = [&](const MachineCeilings::Copy& c) {
    const bool mebi = c.bytes >= double(1 << 20);
    return giga(c.bytes_per_second) + " GB/s for " + fixed(c.bytes / double(mebi ? 1 << 20 : 1 << 10), 0) +
           (mebi ? " MiB" : " KiB");
  };
  return out + "; copies: " + copy(m.copies.front()) + " to " + copy(m.copies.back());
}

}  // namespace

double MachineCeilings::memory(double bytes) const {
  const auto after = std::ranges::upper_bound(copies, bytes, {}, &Copy::bytes);
  if (after == copies.begin()) return copies.front().bytes_per_second;
  if (after == copies.end()) return copies.back().bytes_per_second;
  const Copy &a = *(after - 1), &b = *after;
  const double share = std::log(bytes / a.bytes) / std::log(b.bytes / a.bytes);
  return a.bytes_per_second + share * (b.bytes_per_second - a.bytes_per_second);
}

MachineCeilings measure_ceilings(int threads) {
  if (threads == 0) threads = int(std::max(1u, std::thread::hardware_concurrency()));
  MachineCeilings m;
  m.fp32 = m.bf16 = measure_fma_ceiling(threads);
  const DotCeiling dot = measure_dot_ceiling(threads);
  if (dot.flop_per_second > m.fp32) m.bf16 = dot.flop_per_second, m.bf16_unit = dot.unit;
  for (size_t bytes = size_t(256) << 10; bytes <= size_t(256) << 20; bytes *= 4)
    m.copies.push_back({double(bytes), measure_memory_ceiling(bytes, threads)});
  return m;
}

Roofline roofline(const Cost& cost, const MachineCeilings& m) {
  const double compute = cost.flops / (cost.product == DType::bf16 ? m.bf16 : m.fp32);
  const double memory = cost.bytes / m.memory(cost.bytes);
  return {std::max(compute, memory), compute > memory ? Bound::compute : Bound::memory};
}

Ceilings ceilings_of(const std::string& device, const Policy& policy, int threads) {
  const bool bf16 = policy.precision == DType::bf16;
  const std::optional<int> gpu = cuda_ordinal(device);
  if (!gpu) {
    const MachineCeilings m = measure_ceilings(threads);
    return {[m](const Cost& cost) { return roofline(cost, m); }, "measured: " + text_of(m),
            bf16 ? m.bf16 : m.fp32};
  }
  const Gpu facts = gpu_of_json(real_gpu_json(*gpu), device);
  return {[facts, policy](const Cost& cost) { return roofline(cost, policy, facts); },
          "stated: " + fixed(facts.fp32 * 1e-12, 1) + " TFLOP/s fp32, " + fixed(facts.tf32 * 1e-12, 1) +
              " tf32, " + fixed(facts.bf16 * 1e-12, 1) + " bf16, " +
              fixed(facts.memory_bandwidth * 1e-12, 2) + " TB/s",
          bf16          ? facts.bf16
          : policy.tf32 ? facts.tf32
                        : facts.fp32};
}

}  // namespace rc
