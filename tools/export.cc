// realcentric export: a trained detector as an ONNX file.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "engine/file.h"
#include "tools/command.h"
#include "train/onnx_export.h"

namespace rc {
namespace {

struct Options {
  std::filesystem::path model, out;
  bool keep_norms = false;
};

void run(const Options& o) {
  const OnnxExport onnx = export_onnx(o.model, o.keep_norms);
  write_file(o.out, onnx.bytes);
  std::printf("%s: %zu operators, %.1f MiB, weights sha256 %s\n", o.out.c_str(), onnx.nodes,
              double(onnx.bytes.size()) / double(1 << 20), onnx.weights_hash.c_str());
}

}  // namespace

void add_export_command(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("export", "Write a trained detector as an ONNX file");
  command->footer(
      "Input: `input` float32 [N, 3, size, size], RGB, (pixel / 255 - mean) / std. Outputs: `logits` [N, "
      "2] (real, fake), `prob_fake` [N]; with centres `embedding` [N, D] of length 1 and `real_distance` "
      "[N]. Size, mean and std are in the file's metadata.");
  command->add_option("model", options->model, "Run folder, checkpoint folder or model.safetensors")
      ->required();
  command->add_option("-o,--out", options->out, "The .onnx file")->required();
  command->add_flag("--keep-bn", options->keep_norms,
                    "Leave batch norms as operators of their own instead of folding them");
  command->callback([options] { run(*options); });
}

}  // namespace rc
