// Where training stands after a step, and the text that a checkpoint's state.json holds of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rc {

struct TrainingState {
  int64_t step = 0;
  double best = -1;  // best validation metric so far; -1: none
  int64_t best_step = 0;
  double loss_sum = 0;  // over the steps of the epoch so far
  int64_t loss_count = 0;
  std::string data_hash;
};

std::string to_json_text(const TrainingState&);
// What to_json_text made. Throws Error(data) that names `name` for anything else: what is missing, a number
// of another kind, a negative count.
TrainingState parse_training_state(std::string_view text, const std::string& name);

}  // namespace rc
