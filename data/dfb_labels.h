// DeepfakeBench's names of classes (label_dict of its training/config) and what they are here.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "data/index.h"

namespace rc {

struct DfbLabel {
  std::string name, dataset, method;  // "FF-DF", "FF++", "Deepfakes"; the method of real videos is "real"
  int label = 0;
};

// A class by its name: DeepfakeBench's own, or one of `dataset` as dfb_label_of names those that it lacks.
std::optional<DfbLabel> find_dfb_label(std::string_view name, const std::string& dataset);
std::string dfb_label_names();  // "FF-real, FF-DF, ..."

// The name of a video's class: a known one, else "<dataset>_Real" or "<dataset>_<method>_Fake".
std::string dfb_label_of(const Video&);

// Names target and source as the names of videos under that label do. `reals`: what name_celebdf_pair wants.
void name_dfb_pair(Video& fake, std::string_view label,
                   const std::map<std::string, std::set<std::string>>& reals);

}  // namespace rc
