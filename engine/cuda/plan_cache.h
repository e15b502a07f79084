// Engines that were chosen before, on disk: a second start builds them without a search. One file a key,
// checked whole before it is believed; what is not believed is as if it were not there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/cuda/engine_choice.h"

namespace rc {

class PlanCache {
 public:
  // No folder: nothing is found and nothing kept.
  explicit PlanCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // A key is one line of text that names everything that the choice hangs on.
  std::optional<EngineChoice> find(const std::string& key) const;
  void keep(const std::string& key, const EngineChoice&) const;

 private:
  std::filesystem::path file_of(const std::string& key) const;

  std::filesystem::path folder_;
};

// $XDG_CACHE_HOME/realcentric/plans, or that of ~/.cache; empty where neither variable is set.
std::filesystem::path plan_cache_folder();

}  // namespace rc
