#include "data/compression.h"

#include "engine/error.h"

namespace rc {

std::string choose_compression(const std::string& where, const std::set<std::string>& there,
                               const std::string& asked) {
  std::string names;
  for (const std::string& name : there) names += (names.empty() ? "" : ", ") + name;
  const std::string wanted = asked == "c0" ? "raw" : asked;
  if (!asked.empty() && !there.contains(wanted))
    throw Error(Exit::data, "no videos of compression \"" + asked + "\" in " + where, "there are: " + names);
  if (asked.empty() && there.size() > 1)
    throw Error(Exit::data, "several compressions in " + where, names, "choose one of them: --comp c23");
  return asked.empty() ? *there.begin() : wanted;
}

}  // namespace rc
