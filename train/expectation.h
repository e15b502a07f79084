// Numbers that an evaluation is expected to give again: an earlier results.json or summary.json, or a few of
// them written by hand.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rc {

inline constexpr const char* kMeanOfSets =
    "avg";  // the name under which the mean over sets stands among them

struct ExpectedNumber {
  std::string set;              // its name, or kMeanOfSets
  std::string pointer;          // where results.json has it, as JSON pointers are written: "/all/frames/auc"
  std::optional<double> value;  // null where it is expected not to be defined
};

struct Expectation {
  std::vector<ExpectedNumber> numbers;          // in the file's order
  std::map<std::string, std::string> protocol;  // of results that say theirs: values as JSON texts
};

// `text` is a results.json ({"dataset": NAME, "all": ...}), a summary.json ({"sets": {NAME: ...}, "avg":
// ...}) or {NAME: {"auc": 0.9, "video_auc": 0.95, ...}} with the metrics of results.json; a set's value may
// be an object as results.json is, too. Intervals and reliability bins are not compared. Throws Error(data)
// that names `name` for what is none of these, for a metric there is none of, and where no number is left.
Expectation parse_expectation(std::string_view text, const std::string& name);

}  // namespace rc
