#include "model/weights/published_names.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

namespace rc {
namespace {

using Names = std::vector<std::string>;
struct Renamed {
  std::string_view ours, theirs;
};

// The layer of a tensor's name, and what follows: "bn1", ".weight".
std::pair<std::string, std::string> split_leaf(const std::string& name) {
  const size_t dot = name.rfind('.');
  return {name.substr(0, dot), dot == name.npos ? "" : name.substr(dot)};
}

template <size_t N>
std::optional<std::string> renamed(const std::array<Renamed, N>& table, std::string_view layer) {
  const auto* found = std::ranges::find(table, layer, &Renamed::ours);
  return found == table.end() ? std::nullopt : std::optional(std::string(found->theirs));
}

// timm's "blocks.STAGE.BLOCK.LAYER" in its parts.
struct EfficientBlock {
  int stage = 0, block = 0;
  std::string layer;
};
std::optional<EfficientBlock> efficient_block(const std::string& layer) {
  constexpr std::string_view kBlocks = "blocks.";
  if (!layer.starts_with(kBlocks)) return std::nullopt;
  const size_t first = layer.find('.', kBlocks.size());
  const size_t second = first == layer.npos ? first : layer.find('.', first + 1);
  if (second == layer.npos) return std::nullopt;
  return EfficientBlock{std::stoi(layer.substr(kBlocks.size())), std::stoi(layer.substr(first + 1)),
                        layer.substr(second + 1)};
}

// A block of EfficientNet begins with an expansion but for those of the first stage, which keep their width.
class EfficientBlocks {
 public:
  explicit EfficientBlocks(const Names& ours) {
    for (const std::string& name : ours)
      if (const auto b = efficient_block(split_leaf(name).first)) {
        all_.insert({b->stage, b->block});
        if (b->layer == "conv_pwl") expanding_.insert({b->stage, b->block});
      }
  }
  bool any() const { return !all_.empty(); }
  bool expands(const EfficientBlock& b) const { return expanding_.contains({b.stage, b.block}); }
  int number(const EfficientBlock& b) const {  // counted through all stages
    return int(std::distance(all_.begin(), all_.find({b.stage, b.block})));
  }

 private:
  std::set<std::pair<int, int>> all_, expanding_;
};

// torchvision's EfficientNet: a Sequential of Sequentials.
std::optional<std::string> torchvision_layer(const EfficientBlocks& blocks, const std::string& layer) {
  constexpr std::array<Renamed, 5> kOutside = {{{"conv_stem", "features.0.0"},
                                                {"bn1", "features.0.1"},
                                                {"conv_head", "features.8.0"},
                                                {"bn2", "features.8.1"},
                                                {"classifier", "classifier.1"}}};
  constexpr std::array<Renamed, 8> kExpanding = {{{"conv_pw", "0.0"},
                                                  {"bn1", "0.1"},
                                                  {"conv_dw", "1.0"},
                                                  {"bn2", "1.1"},
                                                  {"se.conv_reduce", "2.fc1"},
                                                  {"se.conv_expand", "2.fc2"},
                                                  {"conv_pwl", "3.0"},
                                                  {"bn3", "3.1"}}};
  constexpr std::array<Renamed, 6> kPlain = {{{"conv_dw", "0.0"},
                                              {"bn1", "0.1"},
                                              {"se.conv_reduce", "1.fc1"},
                                              {"se.conv_expand", "1.fc2"},
                                              {"conv_pw", "2.0"},
                                              {"bn2", "2.1"}}};
  const auto b = efficient_block(layer);
  if (!b) return renamed(kOutside, layer);
  const auto inner = blocks.expands(*b) ? renamed(kExpanding, b->layer) : renamed(kPlain, b->layer);
  if (!inner) return std::nullopt;
  return "features." + std::to_string(b->stage + 1) + "." + std::to_string(b->block) + ".block." + *inner;
}

// The package efficientnet_pytorch: blocks counted through all stages.
std::optional<std::string> efficientnet_pytorch_layer(const EfficientBlocks& blocks,
                                                      const std::string& layer) {
  constexpr std::array<Renamed, 5> kOutside = {{{"conv_stem", "_conv_stem"},
                                                {"bn1", "_bn0"},
                                                {"conv_head", "_conv_head"},
                                                {"bn2", "_bn1"},
                                                {"classifier", "_fc"}}};
  constexpr std::array<Renamed, 8> kExpanding = {{{"conv_pw", "_expand_conv"},
                                                  {"bn1", "_bn0"},
                                                  {"conv_dw", "_depthwise_conv"},
                                                  {"bn2", "_bn1"},
                                                  {"se.conv_reduce", "_se_reduce"},
                                                  {"se.conv_expand", "_se_expand"},
                                                  {"conv_pwl", "_project_conv"},
                                                  {"bn3", "_bn2"}}};
  constexpr std::array<Renamed, 6> kPlain = {{{"conv_dw", "_depthwise_conv"},
                                              {"bn1", "_bn1"},
                                              {"se.conv_reduce", "_se_reduce"},
                                              {"se.conv_expand", "_se_expand"},
                                              {"conv_pw", "_project_conv"},
                                              {"bn2", "_bn2"}}};
  const auto b = efficient_block(layer);
  if (!b) return renamed(kOutside, layer);
  const auto inner = blocks.expands(*b) ? renamed(kExpanding, b->layer) : renamed(kPlain, b->layer);
  if (!inner) return std::nullopt;
  return "_blocks." + std::to_string(blocks.number(*b)) + "." + *inner;
}

// torchvision's ResNet as a Sequential of its children, without names of their own (DeepfakeBench).
std::optional<std::string> resnet_child(const std::string& layer) {
  constexpr std::array<Renamed, 6> kChildren = {
      {{"conv1", "0"}, {"bn1", "1"}, {"layer1", "4"}, {"layer2", "5"}, {"layer3", "6"}, {"layer4", "7"}}};
  const size_t dot = std::min(layer.find('.'), layer.size());
  const auto child = renamed(kChildren, layer.substr(0, dot));
  return child ? std::optional(*child + layer.substr(dot)) : std::nullopt;
}

template <class LayerName>
Naming naming_of(const std::string& whose, const Names& ours, const LayerName& theirs) {
  Naming naming{whose, {}, {}};
  for (const std::string& name : ours) {
    const auto [layer, leaf] = split_leaf(name);
    if (const std::optional<std::string> other = theirs(layer)) naming.ours[*other + leaf] = name;
  }
  return naming;
}

}  // namespace

std::vector<Naming> published_namings(const Names& ours) {
  std::vector<Naming> namings = {
      naming_of("", ours, [](const std::string& layer) { return std::optional(layer); })};
  const EfficientBlocks blocks(ours);
  if (blocks.any()) {
    namings.push_back(naming_of("torchvision", ours,
                                [&](const std::string& layer) { return torchvision_layer(blocks, layer); }));
    namings.push_back(naming_of("efficientnet_pytorch", ours, [&](const std::string& layer) {
      return efficientnet_pytorch_layer(blocks, layer);
    }));
    namings.back().warning =
        "efficientnet_pytorch pads as TensorFlow does, one pixel less at the top and left of every "
        "stride of 2, and its batch norms add 1e-3 to the variance: the same weights give other "
        "outputs here, and need some training";
  }
  if (std::ranges::find(ours, "layer4.0.conv1.weight") != ours.end())
    namings.push_back(naming_of("a Sequential", ours, resnet_child));
  return namings;
}

const Names& classifier_names() {
  static const Names names = {"fc",           "last_linear", "last_linear.1", "last_layer", "classifier",
                              "classifier.1", "_fc",         "head.fc",       "head"};
  return names;
}

}  // namespace rc
