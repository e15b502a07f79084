// Whose names are known, what fits and what does not.
#include "model/weights/weight_match.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "model/weights/published_names.h"
#include "model/weights/tensor_facts.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

using Names = std::vector<std::string>;

int64_t count_of(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t n : shape) count *= n;
  return count;
}

// fp32 values `first`, `first` + 1, ...
StoredTensor tensor(const std::string& name, const std::vector<int64_t>& shape, float first = 0) {
  std::string bytes;
  for (int64_t i = 0; i < count_of(shape); ++i) {
    const float value = first + float(i);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return {name, StoredType::f32, shape, bytes};
}

// Like a ResNet's, of a few numbers.
const std::vector<NetworkTensor> kNetwork = {
    {"conv1.weight", {4, 3, 2, 2}},          {"bn1.weight", {4}},         {"bn1.running_mean", {4}},
    {"layer4.0.conv1.weight", {5, 4, 1, 1}}, {"fc.weight", {2, 5}, true}, {"fc.bias", {2}, true}};

// A file of that network whose names are made of ours.
template <class Rename>
TensorFile file_with(const Rename& rename, int64_t classes = 2) {
  TensorFile file;
  float first = 0;
  for (const NetworkTensor& t : kNetwork) {
    std::vector<int64_t> shape = t.shape;
    if (t.classifier) shape[0] = classes;
    file.tensors.push_back(tensor(rename(t.name), shape, first += 100));
  }
  return file;
}

WeightMatch match(const TensorFile& file) { return match_weights(file, "x.pth", "tiny", kNetwork); }
std::string refusal(const TensorFile& file) {
  return error_of(Exit::data, [&] { match(file); });
}

// Every tensor of the network holds what the file holds in its place.
void check_values(const WeightMatch& m) {
  float first = 0;
  for (const NetworkTensor& wanted : kNetwork) {
    first += 100;
    const auto t = std::ranges::find(m.tensors, wanted.name, &StoredTensor::name);
    REQUIRE(t != m.tensors.end());
    CHECK(t->shape == wanted.shape);
    CHECK(element(*t, 0) == double(first));
    CHECK(element(*t, size_t(count_of(wanted.shape)) - 1) ==
          double(first) + double(count_of(wanted.shape)) - 1);
  }
}

std::string replaced(std::string name, const std::string& from, const std::string& to) {
  if (name.starts_with(from)) name.replace(0, from.size(), to);
  return name;
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("weights: our own names, and any prefix of them") {
    for (const char* prefix : {"", "module.", "model.", "backbone.", "module.backbone.resnet."}) {
      CAPTURE(prefix);
      const WeightMatch m = match(file_with([&](const std::string& name) { return prefix + name; }));
      CHECK(m.prefix == prefix);
      CHECK(m.naming.empty());
      CHECK(m.complete());
      CHECK(m.unexpected.empty());
      CHECK(m.warnings.empty());
      check_values(m);
    }
  }

  TEST_CASE("weights: DeepfakeBench's ResNet: a Sequential beside its classifier") {
    const WeightMatch m = match(file_with([](std::string name) {
      name = replaced(replaced(replaced(name, "conv1.", "0."), "bn1.", "1."), "layer4.", "7.");
      return "backbone." + (name.starts_with("fc.") ? name : "resnet." + name);
    }));
    CHECK(m.prefix == "backbone.resnet.");
    CHECK(m.naming == "a Sequential");
    CHECK(m.complete());
    check_values(m);
  }

  TEST_CASE("weights: the classifier by its other names, within the prefix or beside it") {
    for (const char* layer : {"last_linear.", "last_linear.1.", "last_layer.", "classifier.", "classifier.1.",
                              "_fc.", "head.fc."}) {
      CAPTURE(layer);
      for (const std::string inner : {"", "net."}) {
        const WeightMatch m = match(file_with([&](const std::string& name) {
          return "model." + (name.starts_with("fc.") ? replaced(name, "fc.", layer) : inner + name);
        }));
        CHECK(m.complete());
        check_values(m);
      }
    }
  }

  TEST_CASE("weights: a classifier of other classes begins anew") {
    const WeightMatch m = match(file_with([](const std::string& name) { return name; }, 1000));
    CHECK(m.fresh == Names{"fc.weight (1000x5 in the file)", "fc.bias (1000 in the file)"});
    CHECK(m.tensors.size() == 4);
    CHECK_FALSE(m.complete());
    TensorFile without = file_with([](const std::string& name) { return name; });
    without.tensors.resize(4);
    CHECK(match(without).fresh == Names{"fc.weight", "fc.bias"});
  }

  TEST_CASE("weights: matrices for pointwise filters, other precisions, counters, and what is too much") {
    TensorFile file = file_with([](const std::string& name) { return name; });
    file.tensors[3].shape = {5, 4};
    file.tensors[1] = {"bn1.weight", StoredType::f16, {4}, std::string("\0\x3c\0\xc0\1\0\xff\x7b", 8)};
    file.tensors[2] = {"bn1.running_mean", StoredType::f64, {4}, std::string(32, '\0')};
    file.tensors.push_back({"bn1.num_batches_tracked", StoredType::i64, {}, std::string(8, '\0')});
    file.tensors.push_back(tensor("adjust_channel.0.weight", {1}));
    const WeightMatch m = match(file);
    CHECK(m.reshaped == Names{"layer4.0.conv1.weight 5x4 -> 5x4x1x1"});
    CHECK(m.counters == 1);
    CHECK(m.unexpected == Names{"adjust_channel.0.weight"});
    CHECK(m.complete());
    const auto& gamma = *std::ranges::find(m.tensors, "bn1.weight", &StoredTensor::name);
    CHECK(gamma.type == StoredType::f32);
    const double halves[] = {1, -2, 0x1p-24, 65504};
    for (size_t i = 0; i < 4; ++i) CHECK(element(gamma, i) == halves[i]);
    const std::string text = report_text(m);
    CHECK(contains(text, "matched        6 of 6 tensors of tiny\n"));
    CHECK(contains(text, "reshaped       1: layer4.0.conv1.weight 5x4 -> 5x4x1x1\n"));
    CHECK(contains(text, "unexpected     1: adjust_channel.0.weight\n"));
    CHECK(contains(text, "left out       1 num_batches_tracked\n"));
    CHECK(report_json(m)["matched"].size() == 6);
  }

  TEST_CASE("weights: what is of another network is refused") {
    CHECK(contains(refusal({}), "no tensor has a name of that network"));
    CHECK(contains(refusal({{tensor("x.weight", {1})}, {}, {}}), "no tensor has a name of that network"));
    TensorFile file = file_with([](const std::string& name) { return name; });
    file.tensors.erase(file.tensors.begin() + 1);
    CHECK(match(file).missing == Names{"bn1.weight"});
    file.tensors.resize(2);
    CHECK(contains(refusal(file), "only 2 of 6 tensors are there; missing bn1.weight"));
    file = file_with([](const std::string& name) { return name; });
    file.tensors[0] = tensor("conv1.weight", {4, 3, 3, 3});
    CHECK(contains(refusal(file), "conv1.weight is F32 4x3x3x3, not 4x3x2x2"));
    file.tensors[0] = tensor("conv1.weight", {3, 4, 2, 2});  // as many numbers, but not these
    CHECK(contains(refusal(file), "of another network"));
    file.tensors[0] = {"conv1.weight", StoredType::i8, {4, 3, 2, 2}, std::string(48, '\1')};
    CHECK(contains(refusal(file), "conv1.weight is I8"));
  }

  TEST_CASE("weights: a network that is there twice is told") {
    TensorFile file = file_with([](const std::string& name) { return "encoder_q." + name; });
    for (StoredTensor t : file_with([](const std::string& name) { return "encoder_k." + name; }).tensors)
      file.tensors.push_back(t);
    const WeightMatch m = match(file);
    CHECK(m.prefix == "encoder_k.");
    REQUIRE(m.warnings.size() == 1);
    CHECK(contains(m.warnings[0], "not that below \"encoder_q.\""));
  }

  TEST_CASE("weights: torchvision's and efficientnet_pytorch's names of an EfficientNet's layers") {
    // Written out by hand from their sources: blocks of the first stage have no expansion.
    const std::string table[][3] = {
        {"conv_stem.weight", "features.0.0.weight", "_conv_stem.weight"},
        {"bn1.running_var", "features.0.1.running_var", "_bn0.running_var"},
        {"blocks.0.0.conv_dw.weight", "features.1.0.block.0.0.weight", "_blocks.0._depthwise_conv.weight"},
        {"blocks.0.0.bn1.bias", "features.1.0.block.0.1.bias", "_blocks.0._bn1.bias"},
        {"blocks.0.0.se.conv_reduce.bias", "features.1.0.block.1.fc1.bias", "_blocks.0._se_reduce.bias"},
        {"blocks.0.0.se.conv_expand.weight", "features.1.0.block.1.fc2.weight",
         "_blocks.0._se_expand.weight"},
        {"blocks.0.0.conv_pw.weight", "features.1.0.block.2.0.weight", "_blocks.0._project_conv.weight"},
        {"blocks.0.0.bn2.weight", "features.1.0.block.2.1.weight", "_blocks.0._bn2.weight"},
        {"blocks.1.0.conv_pw.weight", "features.2.0.block.0.0.weight", "_blocks.1._expand_conv.weight"},
        {"blocks.1.0.bn1.weight", "features.2.0.block.0.1.weight", "_blocks.1._bn0.weight"},
        {"blocks.1.0.conv_dw.weight", "features.2.0.block.1.0.weight", "_blocks.1._depthwise_conv.weight"},
        {"blocks.1.0.bn2.weight", "features.2.0.block.1.1.weight", "_blocks.1._bn1.weight"},
        {"blocks.1.0.se.conv_reduce.weight", "features.2.0.block.2.fc1.weight",
         "_blocks.1._se_reduce.weight"},
        {"blocks.1.0.se.conv_expand.bias", "features.2.0.block.2.fc2.bias", "_blocks.1._se_expand.bias"},
        {"blocks.1.0.conv_pwl.weight", "features.2.0.block.3.0.weight", "_blocks.1._project_conv.weight"},
        {"blocks.1.0.bn3.weight", "features.2.0.block.3.1.weight", "_blocks.1._bn2.weight"},
        {"blocks.1.1.conv_pw.weight", "features.2.1.block.0.0.weight", "_blocks.2._expand_conv.weight"},
        {"blocks.1.1.conv_pwl.weight", "features.2.1.block.3.0.weight", "_blocks.2._project_conv.weight"},
        {"conv_head.weight", "features.8.0.weight", "_conv_head.weight"},
        {"bn2.weight", "features.8.1.weight", "_bn1.weight"},
        {"classifier.weight", "classifier.1.weight", "_fc.weight"},
    };
    Names ours;
    for (const auto& row : table) ours.push_back(row[0]);
    const std::vector<Naming> namings = published_namings(ours);
    REQUIRE(namings.size() == 3);
    for (size_t n = 0; n < 3; ++n) {
      CHECK(namings[n].ours.size() == ours.size());
      for (const auto& row : table) {
        CAPTURE(row[n]);
        CHECK(namings[n].ours.at(row[n]) == row[0]);
      }
    }
    CHECK(namings[0].warning.empty());
    CHECK(namings[1].warning.empty());
    CHECK(contains(namings[2].warning, "pads as TensorFlow does"));
  }

  TEST_CASE("tensor facts: over the finite values alone") {
    StoredTensor t = tensor("x", {4}, 1);  // 1 2 3 4
    TensorFacts f = facts_of(t);
    CHECK(f.mean == 2.5);
    CHECK(f.deviation == std::sqrt(1.25));
    CHECK(f.least == 1);
    CHECK(f.greatest == 4);
    const float odd[] = {NAN, INFINITY, -INFINITY, 5};
    t.bytes.assign(reinterpret_cast<const char*>(odd), sizeof odd);
    f = facts_of(t);
    CHECK(f.nan == 1);
    CHECK(f.infinite == 2);
    CHECK(f.mean == 5);
    CHECK(f.deviation == 0);
    t = {"none", StoredType::i64, {0}, ""};
    CHECK(std::isnan(facts_of(t).mean));
    t = {"i", StoredType::i8, {2}, "\x80\x7f"};
    CHECK(facts_of(t).least == -128);
    CHECK(facts_of(t).mean == -0.5);
  }
}

}  // namespace rc
