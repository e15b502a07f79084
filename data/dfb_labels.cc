#include "data/dfb_labels.h"

#include <algorithm>
#include <array>

#include "data/pair_names.h"

namespace rc {
namespace {

struct Known {
  const char *name, *dataset, *method;
  int label;
};
constexpr std::array kLabels = {
    Known{"FF-real", "FF++", "real", 0},
    Known{"FF-DF", "FF++", "Deepfakes", 1},
    Known{"FF-F2F", "FF++", "Face2Face", 1},
    Known{"FF-FS", "FF++", "FaceSwap", 1},
    Known{"FF-NT", "FF++", "NeuralTextures", 1},
    Known{"FF-FH", "FF++", "FaceShifter", 1},
    Known{"FF-SH", "FF++", "FaceShifter", 1},
    Known{"DFD_real", "DFD", "real", 0},
    Known{"DFD_fake", "DFD", "DeepFakeDetection", 1},
    Known{"CelebDFv1_real", "Celeb-DF-v1", "real", 0},
    Known{"CelebDFv1_fake", "Celeb-DF-v1", "Celeb-synthesis", 1},
    Known{"CelebDFv2_real", "Celeb-DF-v2", "real", 0},
    Known{"CelebDFv2_fake", "Celeb-DF-v2", "Celeb-synthesis", 1},
    Known{"DFDCP_Real", "DFDCP", "real", 0},
    Known{"DFDCP_FakeA", "DFDCP", "method_A", 1},
    Known{"DFDCP_FakeB", "DFDCP", "method_B", 1},
    Known{"DFDC_Real", "DFDC", "real", 0},
    Known{"DFDC_Fake", "DFDC", "fake", 1},
    Known{"DF_real", "DeeperForensics-1.0", "real", 0},
    Known{"DF_fake", "DeeperForensics-1.0", "end_to_end", 1},
    Known{"UADFV_Real", "UADFV", "real", 0},
    Known{"UADFV_Fake", "UADFV", "fake", 1},
    Known{"roop_Real", "roop", "real", 0},
    Known{"roop_Fake", "roop", "fake", 1},
};

constexpr std::string_view kReal = "_Real", kFake = "_Fake";

const Known* known(std::string_view name) {
  const auto at = std::ranges::find_if(kLabels, [&](const Known& label) { return label.name == name; });
  return at == kLabels.end() ? nullptr : &*at;
}

}  // namespace

std::optional<DfbLabel> find_dfb_label(std::string_view name, const std::string& dataset) {
  if (const Known* label = known(name))
    return DfbLabel{label->name, label->dataset, label->method, label->label};
  const std::string prefix = dataset + "_";
  if (name == dataset + std::string(kReal)) return DfbLabel{std::string(name), dataset, "real", 0};
  if (name.starts_with(prefix) && name.ends_with(kFake) && name.size() > prefix.size() + kFake.size()) {
    const size_t length = name.size() - prefix.size() - kFake.size();
    return DfbLabel{std::string(name), dataset, std::string(name.substr(prefix.size(), length)), 1};
  }
  return std::nullopt;
}

std::string dfb_label_names() {
  std::string names;
  for (const Known& label : kLabels) names += (names.empty() ? "" : ", ") + std::string(label.name);
  return names;
}

std::string dfb_label_of(const Video& video) {
  const auto at = std::ranges::find_if(kLabels, [&](const Known& label) {
    return label.dataset == video.dataset && label.method == video.method && label.label == video.label;
  });
  if (at != kLabels.end()) return at->name;
  return video.dataset + (video.label == 0 ? "" : "_" + video.method) +
         std::string(video.label == 0 ? kReal : kFake);
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
  } else if (label.starts_with("FF-") || label.starts_with("DF_") || !known(label)) {
    name_ffpp_pair(fake, here == reals.end() ? none : here->second);
  }
}

}  // namespace rc
