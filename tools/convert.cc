// realcentric convert: weights from one format, and from one project's names, to another's.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"
#include "model/backbone.h"
#include "model/weights/weight_file.h"
#include "model/weights/weight_match.h"
#include "tools/command.h"
#include "train/checkpoint.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path in, out;
  std::string model, state_key;
  int img_size = 224;
  bool json = false;
};

// With its classifier a network is a detector; without, weights to begin training with.
void name_as(const std::string& model, const WeightMatch& match, int img_size, TensorFile& out) {
  if (match.complete()) {
    Config config;
    config.model.name = model, config.loss.objective = "ce", config.data.img_size = img_size;
    describe_model(out, config);
  }
  out.metadata["format"] = "pt";
  out.metadata["realcentric.backbone"] = model;
}

void convert(const Options& o) {
  if (!can_write_weights(o.out))
    throw Error(Exit::usage, "weights are written as .safetensors or .npz", o.out.string());
  const fs::path in = model_file(o.in);
  const std::string bytes = read_file(in);
  TensorFile file = decode_weights(bytes, in.string(), {.state_key = o.state_key});
  nlohmann::ordered_json record = {{"file", in.string()}, {"sha256", sha256(bytes)}, {"out", o.out.string()}};
  record["warnings"] = file.warnings;
  std::string report;
  for (const std::string& warning : file.warnings) report += "warning        " + warning + "\n";

  if (!o.model.empty()) {
    WeightMatch match = match_weights(file, in.string(), o.model, network_tensors(o.model));
    record["match"] = report_json(match);
    report += report_text(match);
    file = {std::move(match.tensors), {}, {}};
    name_as(o.model, match, o.img_size, file);
    file.metadata["realcentric.source_sha256"] = record["sha256"];
    record["detector"] = match.complete();
    report += match.complete()
                  ? "result         a detector: realcentric predict -w " + o.out.string() + " IMAGE\n"
                  : "result         weights to begin with: realcentric train --init " + o.out.string() + "\n";
  }
  if (file.metadata.empty()) file.metadata["format"] = "pt";
  write_weights(o.out, file);
  record["tensors"] = file.tensors.size();
  if (o.json)
    std::printf("%s\n", record.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
  else
    std::printf("%s%-15s%s, %zu tensors\n", report.c_str(), "written", o.out.c_str(), file.tensors.size());
}

}  // namespace

void add_convert_command(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("convert", "Convert weights: PyTorch, NumPy, safetensors");
  command->footer(
      "Reads .safetensors, .npz and what torch.save wrote (.pth, .pt, .tar, .pth.tar of any age), told "
      "apart by their contents; nothing of a file is ever executed, and what is no tensor is refused by "
      "name. Writes what the name of the output says: .safetensors or .npz.\n"
      "Without --model, tensors keep their names and types. With it, they get the names of that "
      "backbone, in fp32: torchvision's, timm's, efficientnet_pytorch's, Cadene's and DeepfakeBench's "
      "are known, below any prefix (module., model., backbone.). Where everything is found, a classifier "
      "of real (0) and fake (1) too, the result is a detector for realcentric predict and eval; pixels "
      "are normalised to mean and deviation 0.5, as DeepfakeBench does. Otherwise it is for realcentric "
      "train --init, and the classifier begins anew.");
  command->add_option("in", options->in, "File of weights, checkpoint folder or run folder")->required();
  command->add_option("-o,--output", options->out, "A .safetensors or .npz file")->required();
  command->add_option("--model", options->model, "The backbone that they are of")
      ->check(CLI::IsMember(backbone_names()));
  command->add_option(
      "--state-key", options->state_key,
      "Part of a PyTorch file: model, or model.ema; by default state_dict, model or net, else all");
  command->add_option("--img-size", options->img_size, "Side of the images that a detector is for, in pixels")
      ->check(CLI::Range(32, 1024))
      ->capture_default_str();
  command->add_flag("--json", options->json, "The report as one JSON object");
  command->callback([options] { convert(*options); });
}

}  // namespace rc
