// The one table of all settings. Parsing of files, --set and flags, the resolved configuration and the help
// are derived from it: a new setting is a member of Config and a row here.
#pragma once

#include <array>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "train/config.h"

namespace rc {

// Where a setting lives in a Config; the alternative is its type.
using Slot = std::variant<bool*, int*, int64_t*, uint64_t*, float*, double*, std::string*,
                          std::array<double, 2>*, std::vector<std::string>*>;

struct NumberRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool open_low = false, open_high = false;  // the bound itself is not allowed

  bool holds(double x) const { return (open_low ? x > low : x >= low) && (open_high ? x < high : x <= high); }
  std::string text() const;  // "above 0", "0 to below 1", "1 or more"
};

struct ConfigField {
  const char* key;   // "optim.lr"
  const char* flag;  // "-b,--batch-size"; a bool "--aug" is also "--no-aug"; "" where there is none
  Slot (*slot)(Config&);
  NumberRange range;                 // of numbers
  std::vector<std::string> choices;  // of strings; empty: any
  const char* help;
};

std::span<const ConfigField> config_fields();

const ConfigField* find_field(std::string_view key);  // nullptr where there is none

const char* type_name(const ConfigField&);                           // "an integer", "true or false", ...
std::string describe(const ConfigField&);                            // help, choices or range, default
nlohmann::ordered_json value_of(const ConfigField&, const Config&);  // typed; floats by their shortest text

// Sets the field from a JSON value of exactly its type, or returns what is wrong with it ("must be above 0,
// not -1").
std::string assign(const ConfigField&, Config&, const nlohmann::ordered_json&);
// The same from a command line's text: "0.9,0.999", "true", "cosine"; a list as a JSON array, or its only
// element as it is.
std::string assign_text(const ConfigField&, Config&, std::string_view);

// The settings' key that `key` was most likely meant to be; empty when none is near. One without a group is
// compared with the names within the groups.
std::string nearest_key(std::string_view key);

}  // namespace rc
