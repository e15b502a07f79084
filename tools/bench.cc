// realcentric bench: images/s of our engine beside PyTorch on the same machine. Each side is a process of its
// own, so that each one's peak memory is its own, and their runs alternate, so that a busy neighbour hits
// both.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/error.h"
#include "engine/file.h"
#include "model/backbone.h"
#include "tools/bench_depthwise.h"
#include "tools/bench_loss.h"
#include "tools/bench_side.h"
#include "tools/bench_step.h"
#include "tools/command.h"
#include "tools/fma_ceiling.h"
#include "train/row.h"
#include "train/table.h"

namespace rc {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr double kRunSeconds = 2;  // what one run should take; its number of steps follows from that

struct Options : Comparison {
  BenchCase common;  // what all rows share; mode and batch come from these lists
  std::vector<std::string> modes = {"train", "infer"};
  std::vector<int> batches = {16, 32};
};

// The command of one side: how it starts, and the case in the words that both understand.
std::vector<std::string> command_of(std::vector<std::string> start, const BenchCase& c) {
  for (const std::string& word :
       {c.model, std::string("--mode"), c.mode, std::string("--batch"), std::to_string(c.batch),
        std::string("--size"), std::to_string(c.size), std::string("--threads"), std::to_string(c.threads),
        std::string("--optimizer"), c.optimizer})
    start.push_back(word);
  return start;
}

// Medians over the repeats; the ratio of speeds is the median of those of neighbouring runs.
Row measure(const Options& o, const BenchCase& c, double ceiling) {
  Side ours(command_of({"/proc/self/exe", "bench", "serve", "--precision", c.precision}, c), "");
  std::optional<Side> peer;
  if (o.peer == "torch") peer.emplace(command_of({"/usr/bin/python3", o.peer_script}, c), kNoPeer);

  const auto steps = std::max(int64_t(1), int64_t(kRunSeconds / ours.seconds(1)));
  std::vector<double> speed, peer_speed, ratio;
  for (int i = 0; i < o.repeats; ++i) {
    const double images = double(steps * c.batch);
    speed.push_back(images / ours.seconds(steps));
    if (!peer) continue;
    peer_speed.push_back(images / peer->seconds(steps));
    ratio.push_back(speed.back() / peer_speed.back());
  }
  const double flops = ours.ready().at("flops").get<double>() / c.batch * median(speed);
  const double peer_bytes = peer ? peer->peak_bytes() : median({});
  return {{"model", c.model},
          {"mode", c.mode},
          {"batch", int64_t(c.batch)},
          {"img_size", int64_t(c.size)},
          {"precision", c.precision},
          {"optimizer", c.mode == "train" ? c.optimizer : ""},
          {"threads", int64_t(c.threads)},
          {"repeats", int64_t(o.repeats)},
          {"steps_per_repeat", steps},
          {"images_per_second", median(speed)},
          {"peer_images_per_second", median(peer_speed)},
          {"speed_ratio", median(ratio)},
          {"peak_bytes", ours.peak_bytes()},
          {"peer_peak_bytes", peer_bytes},
          {"memory_ratio", ours.peak_bytes() / peer_bytes},
          {"flop_per_second", flops},
          {"fma_ceiling_flop_per_second", ceiling}};
}

std::string mebibytes(double bytes) { return fixed(bytes / (1 << 20), 0); }

std::string table_of(const std::vector<Row>& rows) {
  Table table(
      {"", "batch", "img/s", "PyTorch", "ratio", "peak MiB", "PyTorch", "ratio", "GFLOP/s", "of ceiling"});
  for (const Row& row : rows) {
    const auto number = [&](const std::string& name) {
      const auto cell = std::ranges::find(row, name, &Row::value_type::first);
      return std::get<double>(cell->second);
    };
    const double share = number("flop_per_second") / number("fma_ceiling_flop_per_second");
    table.add({std::get<std::string>(row[1].second), std::to_string(std::get<int64_t>(row[2].second)),
               fixed(number("images_per_second"), 1), fixed(number("peer_images_per_second"), 1),
               fixed(number("speed_ratio"), 2), mebibytes(number("peak_bytes")),
               mebibytes(number("peer_peak_bytes")), fixed(number("memory_ratio"), 2),
               fixed(number("flop_per_second") / 1e9, 1), fixed(100 * share, 0) + " %"});
  }
  return table.text();
}

void bench(Options o) {
  if (o.peer == "torch" && o.common.precision != "fp32")
    throw Error(Exit::usage, "the PyTorch peer runs in fp32 only", "--precision " + o.common.precision,
                "--peer none measures without it");
  if (o.peer == "torch") o.peer_script = found_peer_script(o.peer_script);
  if (o.common.threads == 0) o.common.threads = int(std::max(1u, std::thread::hardware_concurrency()));

  const double ceiling = measure_fma_ceiling(o.common.threads);
  std::vector<Row> rows;
  std::string csv;
  for (const std::string& mode : o.modes)
    for (const int batch : o.batches) {
      std::fprintf(stderr, "%s, batch %d ...\n", mode.c_str(), batch);
      BenchCase one = o.common;
      one.mode = mode, one.batch = batch;
      rows.push_back(measure(o, one, ceiling));
      if (csv.empty()) csv = csv_header(rows.back());
      csv += csv_line(rows.back());
    }
  if (!o.csv.empty()) write_file(o.csv, csv);
  std::printf(
      "%s, %d px, %s, %d threads; medians of %d runs by the wall clock, ours and the peer's in turn\n%s\n"
      "ratio: ours / PyTorch, of speed the median over neighbouring runs. peak: resident memory of the whole "
      "process.\n"
      "ceiling: %.1f GFLOP/s, fused multiply-adds on registers; FLOPs are those of direct convolution, so "
      "Winograd can pass it.\n",
      o.common.model.c_str(), o.common.size, o.common.precision.c_str(), o.common.threads, o.repeats,
      table_of(rows).c_str(), ceiling / 1e9);
}

void add_case_flags(CLI::App& command, BenchCase& c) {
  command.add_option("--img-size,--size", c.size, "Side of an image, pixels")
      ->check(CLI::Range(32, 1024))
      ->capture_default_str();
  command.add_option("--precision", c.precision, "Of ours; the peer runs in fp32")
      ->check(CLI::IsMember({"fp32", "bf16"}))
      ->capture_default_str();
  command.add_option("--optimizer", c.optimizer, "Of training")
      ->check(CLI::IsMember({"sgd", "adam"}))
      ->capture_default_str();
  command.add_option("--threads", c.threads, "Of both sides; 0: one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

// Our side of the comparison, which `bench` starts; not in the help.
void add_serve(CLI::App& bench) {
  const auto options = std::make_shared<BenchCase>();
  CLI::App* command = bench.add_subcommand("serve", "One side of the comparison")->group("");
  add_case_flags(*command, *options);
  command->add_option("model", options->model)->required();
  command->add_option("--mode", options->mode)->check(CLI::IsMember({"train", "infer"}));
  command->add_option("--batch", options->batch)->check(CLI::Range(1, 4096));
  command->callback([options] { serve_bench(*options); });
}

}  // namespace

void add_bench_command(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "bench", "Measure a training step and inference, beside PyTorch on the same machine");
  add_serve(*command);
  add_bench_loss(*command);
  add_bench_depthwise(*command);
  add_case_flags(*command, options->common);
  command->add_option("--model", options->common.model, "Backbone")
      ->check(CLI::IsMember(backbone_names()))
      ->capture_default_str();
  command->add_option("--mode", options->modes, "train and infer, or one of them")
      ->delimiter(',')
      ->check(CLI::IsMember({"train", "infer"}))
      ->capture_default_str();
  command->add_option("-b,--batch-size", options->batches, "Batch sizes")
      ->delimiter(',')
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  add_comparison_flags(*command, *options);
  command->callback([options, command] {
    if (command->get_subcommands().empty()) bench(*options);
  });
}

}  // namespace rc
