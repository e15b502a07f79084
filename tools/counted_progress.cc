#include "tools/counted_progress.h"

#include <unistd.h>

#include <cstdio>

#include "train/progress.h"

namespace rc {

void CountedProgress::show(size_t done, size_t all) {
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  if (done < all && seconds < next_) return;
  next_ = seconds + (terminal ? 0.1 : 30);
  std::fprintf(stderr, "%s%s %zu/%zu (%zu%%), eta %s%s", terminal ? "\r" : "", what_.c_str(), done, all,
               100 * done / all, clock_text(seconds / double(done) * double(all - done)).c_str(),
               terminal && done < all ? "   " : "\n");
}

}  // namespace rc
