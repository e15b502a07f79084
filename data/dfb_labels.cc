#include "data/dfb_labels.h"

#include <algorithm>
#include <array>

#include "data/pair_names.h"

namespace rc {
namespace {

constexpr std::array kLabels = {
    DfbLabel{"FF-real", "FF++", "real", 0},
    DfbLabel{"FF-DF", "FF++", "Deepfakes", 1},
    DfbLabel{"FF-F2F", "FF++", "Face2Face", 1},
    DfbLabel{"FF-FS", "FF++", "FaceSwap", 1},
    DfbLabel{"FF-NT", "FF++", "NeuralTextures", 1},
    DfbLabel{"FF-FH", "FF++", "FaceShifter", 1},
    DfbLabel{"FF-SH", "FF++", "FaceShifter", 1},
    DfbLabel{"DFD_real", "DFD", "real", 0},
    DfbLabel{"DFD_fake", "DFD", "DeepFakeDetection", 1},
    DfbLabel{"CelebDFv1_real", "Celeb-DF-v1", "real", 0},
    DfbLabel{"CelebDFv1_fake", "Celeb-DF-v1", "Celeb-synthesis", 1},
    DfbLabel{"CelebDFv2_real", "Celeb-DF-v2", "real", 0},
    DfbLabel{"CelebDFv2_fake", "Celeb-DF-v2", "Celeb-synthesis", 1},
    DfbLabel{"DFDCP_Real", "DFDCP", "real", 0},
    DfbLabel{"DFDCP_FakeA", "DFDCP", "method_A", 1},
    DfbLabel{"DFDCP_FakeB", "DFDCP", "method_B", 1},
    DfbLabel{"DFDC_Real", "DFDC", "real", 0},
    DfbLabel{"DFDC_Fake", "DFDC", "fake", 1},
    DfbLabel{"DF_real", "DeeperForensics-1.0", "real", 0},
    DfbLabel{"DF_fake", "DeeperForensics-1.0", "end_to_end", 1},
    DfbLabel{"UADFV_Real", "UADFV", "real", 0},
    DfbLabel{"UADFV_Fake", "UADFV", "fake", 1},
    DfbLabel{"roop_Real", "roop", "real", 0},
    DfbLabel{"roop_Fake", "roop", "fake", 1},
};

}  // namespace

const DfbLabel* find_dfb_label(std::string_view name) {
  const auto at = std::ranges::find_if(kLabels, [&](const DfbLabel& label) { return label.name == name; });
  return at == kLabels.end() ? nullptr : &*at;
}

std::string dfb_label_names() {
  std::string names;
  for (const DfbLabel& label : kLabels) names += (names.empty() ? "" : ", ") + std::string(label.name);
  return names;
}

std::string dfb_label_of(const Video& video) {
  const auto at = std::ranges::find_if(kLabels, [&](const DfbLabel& label) {
    return label.dataset == video.dataset && label.method == video.method && label.label == video.label;
  });
  if (at != kLabels.end()) return at->name;
  return video.dataset + "_" + (video.label == 0 ? "Real" : video.method);
}

void name_dfb_pair(Video& fake, std::string_view label,
                   const std::map<std::string, std::set<std::string>>& reals) {
  const auto here = reals.find(fake.split);
  const std::set<std::string> none;
  if (label.starts_with("DFD_")) {
    name_dfd_pair(fake);
  } else if (label.starts_with("CelebDF")) {
    name_celebdf_pair(fake, reals);
  } else if (label.starts_with("UADFV_") && fake.id.ends_with("_fake")) {
    fake.target = fake.id.substr(0, fake.id.size() - std::string_view("_fake").size());
  } else if (label.starts_with("FF-") || label.starts_with("DF_")) {
    name_ffpp_pair(fake, here == reals.end() ? none : here->second);
  }
}

}  // namespace rc
