#include "data/pair_names.h"

#include <tuple>

#include "data/split.h"

namespace rc {

void name_ffpp_pair(Video& fake, const std::set<std::string>& reals) {
  const std::string& id = fake.id;
  if (const auto pair = split_pair(id, reals)) {
    std::tie(fake.target, fake.source) = *pair;
  } else if (const size_t at = id.find('_'); at != std::string::npos && at == id.rfind('_')) {
    fake.target = id.substr(0, at), fake.source = id.substr(at + 1);  // its real videos are not all here
  }
}

void name_dfd_pair(Video& fake) {
  const std::string& id = fake.id;
  const size_t scene = id.find("__"), code = id.rfind("__"), middle = id.find('_');
  if (scene == std::string::npos || code <= scene || middle >= scene) return;
  const std::string suffix = id.substr(scene, code - scene);
  fake.target = id.substr(0, middle) + suffix;
  fake.source = id.substr(middle + 1, scene - middle - 1) + suffix;
}

void name_celebdf_pair(Video& fake, const std::map<std::string, std::set<std::string>>& reals) {
  const std::string& id = fake.id;
  const size_t first = id.find('_'), last = id.rfind('_');
  if (first == std::string::npos || first == last || id.find('_', first + 1) != last) return;
  const std::string number = id.substr(last), person = id.substr(first + 1, last - first - 1);
  fake.target = id.substr(0, first) + number;
  const auto split = reals.find(fake.split);
  if (split == reals.end()) return;
  if (split->second.contains(person + number)) {
    fake.source = person + number;
  } else if (const auto any = split->second.lower_bound(person + "_");
             any != split->second.end() && any->starts_with(person + "_")) {
    fake.source = *any;
  }
}

}  // namespace rc
