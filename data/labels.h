// Which class a name stands for: by meaning, never by the alphabet.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rc {

class Labels {
 public:
  // Of texts "NAME=0" (real) and "NAME=1" (fake). Throws Error(usage) for others, and for a name given as
  // both.
  explicit Labels(const std::vector<std::string>& texts);

  // 0 or 1 of a name that the user gave, and of what folders of classes are called in any case: real, 0_real,
  // original, fake, 1_fake, manipulated, ... Nothing for another name.
  std::optional<int> of_class(const std::string& name) const;
  // Of a name that the user gave alone.
  std::optional<int> of_user(const std::string& name) const;

 private:
  std::map<std::string, int> given_;
};

}  // namespace rc
