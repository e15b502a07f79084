// Who belongs to train, val and test. People, not videos, are split: a fake goes where both its target and
// its source are.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "data/index.h"

namespace rc {

// (target, source) of a fake named `<target>_<source>` where both are in `reals`; ids may hold underscores
// themselves.
std::optional<std::pair<std::string, std::string>> split_pair(const std::string& id,
                                                              const std::set<std::string>& reals);

// The lists of `folder`, as below. Throws Error(data) too where there are none.
std::map<std::string, std::string> require_split_lists(const std::filesystem::path& folder);

// The lists {train,val,test}.json of FF++ ([["071", "054"], ...]) in the first of {., split, splits,
// dataset/splits} that has one: identity -> split; empty if there are none. Throws Error(data) if one is
// missing or malformed, or an identity is in two.
std::map<std::string, std::string> read_split_lists(const std::filesystem::path& root);

// Gives every video the split of its identities. Throws Error(data), listing the videos, for those that
// `lists` leave out or tear apart.
void split_by_lists(std::vector<Video>&, const std::map<std::string, std::string>& lists);

// Gives the videos that have none a split by hash, 70/15/15. Identities that a fake joins form a group; the
// hash of the group's first name decides, so a video's split does not depend on how many others there are.
void split_by_hash(std::vector<Video>&);

// Where no video is in val: gives it 15 in 100 of those in train, by a hash of the target (of its id, where
// it has none), so that a fake stays with the video that it was made from.
void hold_out_validation(std::vector<Video>&);

// "a, b, c" and how many more there are, for error texts.
std::string list_some(const std::vector<std::string>&);

}  // namespace rc
