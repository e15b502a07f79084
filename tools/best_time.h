// The shortest time that threads need for work they start together: what a machine can do, beside other work.
#pragma once

#include <cstdint>
#include <functional>

namespace rc {

// Seconds of the best of 20 tries. In each, every thread calls work(thread, attempt) once.
double best_time(int threads, const std::function<void(int thread, int attempt)>& work);

// FLOP/s of all threads together at the best of those tries, where each does so many rounds of `work` on
// registers, which returns a result that depends on all of them.
double best_flop_rate(int threads, double flops_of_round, int64_t rounds, float (*work)(int64_t rounds));

}  // namespace rc
