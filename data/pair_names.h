// What the names of videos say of whose face is on whose body.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "data/index.h"

namespace rc {

// Each names `target` and `source` of a fake after its id, and leaves empty what the id does not say.

// FF++: `<target>_<source>`, where the two may hold underscores themselves if they are real videos here.
void name_ffpp_pair(Video& fake, const std::set<std::string>& reals);

// Google's Deepfake Detection: `<target>_<source>__<scene>__<code>`, made from the real `<actor>__<scene>`.
void name_dfd_pair(Video& fake);

// Celeb-DF: `<target>_<source>_<number>`, made from the real `<target>_<number>`. Which video of the source
// the face was learnt from is not said: the one of the same number if it is in the fake's split, else the
// first there. `reals`: the ids of each split.
void name_celebdf_pair(Video& fake, const std::map<std::string, std::set<std::string>>& reals);

}  // namespace rc
