// How one side of `realcentric bench` answers the other program: the same words as bench_torch.py.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>

namespace rc {

// Writes {"ready": true, ...} and then, for each line "step K" on standard input, runs K steps and answers
// {"seconds": wall-clock time, "peak_rss_bytes": of this process, ...}; `more` is put into each answer.
// "profile K" is answered by `profile` of K steps. Ends at "quit" or the end of input.
void serve_steps(const nlohmann::ordered_json& ready, const std::function<void()>& step,
                 const std::function<nlohmann::ordered_json()>& more = {},
                 const std::function<nlohmann::ordered_json(int64_t steps)>& profile = {});

// Resident memory of this process, now and at most so far.
int64_t rss_bytes();
int64_t peak_rss_bytes();

}  // namespace rc
