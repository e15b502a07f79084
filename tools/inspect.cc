// realcentric inspect: what a file of weights holds.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"
#include "model/weights/safetensors.h"
#include "model/weights/tensor_facts.h"
#include "model/weights/weight_file.h"
#include "tools/command.h"
#include "train/checkpoint.h"
#include "train/table.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::filesystem::path path;
  std::string state_key;
  bool json = false;
};

Json json_of(const StoredTensor& t) {
  const TensorFacts f = facts_of(t);
  const auto number = [](double x) { return std::isfinite(x) ? Json(x) : Json(); };
  return {{"name", t.name},
          {"type", name_of(t.type)},
          {"shape", t.shape},
          {"mean", number(f.mean)},
          {"std", number(f.deviation)},
          {"min", number(f.least)},
          {"max", number(f.greatest)},
          {"nan", f.nan},
          {"infinite", f.infinite}};
}

Json described(const std::filesystem::path& file, const Options& o) {
  const std::string bytes = read_file(file);
  TensorFile tensors =
      decode_weights(bytes, file.string(), {.state_key = o.state_key, .everything = o.state_key.empty()});
  Json out = {{"file", file.string()}, {"bytes", bytes.size()}, {"sha256", sha256(bytes)}};
  out["metadata"] = tensors.metadata;
  tensors.metadata.clear();
  int64_t values = 0, bad = 0;
  out["tensors"] = Json::array();
  for (const StoredTensor& t : tensors.tensors) {
    out["tensors"].push_back(json_of(t));
    values += count_of(t),
        bad += out["tensors"].back()["nan"].get<int64_t>() + out["tensors"].back()["infinite"].get<int64_t>();
  }
  out["count"] = tensors.tensors.size(), out["values"] = values, out["not_finite"] = bad;
  out["weights_sha256"] = sha256(encode_safetensors(tensors));
  out["warnings"] = tensors.warnings;
  return out;
}

// Names and metadata come from outside: nothing in them may move the terminal's cursor.
std::string printable(std::string text) {
  constexpr size_t kLongest = 200;
  for (char& c : text)
    if (uint8_t(c) < ' ' || c == 127) c = '?';
  return text.size() > kLongest ? text.substr(0, kLongest) + "..." : text;
}

std::string cell(const Json& number) {
  if (number.is_null()) return "–";
  char text[32];
  std::snprintf(text, sizeof text, "%.5g", number.get<double>());
  return text;
}

void print(const Json& d) {
  Table table({"tensor", "type", "shape", "mean", "std", "min", "max", "NaN, inf"});
  for (const Json& t : d["tensors"])
    table.add({printable(t["name"]), t["type"], shape_text(t["shape"]), cell(t["mean"]), cell(t["std"]),
               cell(t["min"]), cell(t["max"]),
               std::to_string(t["nan"].get<int64_t>() + t["infinite"].get<int64_t>())});
  std::fputs(table.text().c_str(), stdout);
  std::printf("\n");
  const auto line = [](const std::string& name, const std::string& value) {
    std::printf("%-15s%s\n", printable(name).c_str(), printable(value).c_str());
  };
  for (const auto& [key, value] : d["metadata"].items())
    line("metadata", key + ": " + value.get<std::string>());
  for (const Json& warning : d["warnings"]) line("warning", warning);
  line("file", d["file"]);
  line("sha256", d["sha256"]);
  line("weights sha256", d["weights_sha256"]);
  std::printf("%-15s%lld tensors, %lld values (%lld not finite), %lld bytes\n", "total",
              d["count"].get<long long>(), d["values"].get<long long>(), d["not_finite"].get<long long>(),
              d["bytes"].get<long long>());
}

}  // namespace

void add_inspect_command(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("inspect", "Show the tensors of a file of weights, or of a run's detector");
  command->footer(
      "Reads .safetensors, .npz and what torch.save wrote (.pth, .pt, .tar), told apart by their "
      "contents; nothing of a file is ever executed. 'weights sha256' is of the tensors alone: the same "
      "for the same tensors in any format. Of PyTorch's files all tensors are shown, those of the "
      "optimizer too.");
  command->add_option("path", options->path, "A file, a checkpoint folder or a run folder")->required();
  command->add_option("--state-key", options->state_key, "Part of a PyTorch file: model, or model.ema");
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options] {
    const Json d = described(model_file(options->path), *options);
    if (options->json)
      std::printf("%s\n", d.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    else
      print(d);
  });
}

}  // namespace rc
