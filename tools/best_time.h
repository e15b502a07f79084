// The shortest time that threads need for work they start together: what a machine can do, beside other work.
#pragma once

#include <functional>

namespace rc {

// Seconds of the best of 20 tries. In each, every thread calls work(thread, attempt) once.
double best_time(int threads, const std::function<void(int thread, int attempt)>& work);

}  // namespace rc
