#include "data/labels.h"

#include <algorithm>
#include <array>

#include "data/listing.h"
#include "engine/error.h"

namespace rc {

Labels::Labels(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const size_t equals = text.rfind('=');
    const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (equals == 0 || (value != "0" && value != "1"))
      throw Error(Exit::usage, "no label: \"" + text + "\"", "--label", "NAME=0 is real, NAME=1 is fake");
    const auto [at, fresh] = given_.try_emplace(text.substr(0, equals), value == "1");
    if (!fresh && at->second != (value == "1"))
      throw Error(Exit::usage, "\"" + at->first + "\" is both real and fake", "--label");
  }
}

std::optional<int> Labels::of_user(const std::string& name) const {
  const auto at = given_.find(name);
  return at == given_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<int> Labels::of_class(const std::string& name) const {
  constexpr std::array<std::string_view, 6> kReal = {"real",     "reals",     "0_real",
                                                     "original", "originals", "training_real"};
  constexpr std::array<std::string_view, 5> kFake = {"fake", "fakes", "1_fake", "manipulated",
                                                     "training_fake"};
  if (const auto given = of_user(name)) return given;
  const std::string lower = lower_case(name);
  if (std::ranges::find(kReal, lower) != kReal.end()) return 0;
  if (std::ranges::find(kFake, lower) != kFake.end()) return 1;
  return std::nullopt;
}

}  // namespace rc
