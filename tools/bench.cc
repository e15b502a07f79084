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
#include "tools/bench_loader.h"
#include "tools/bench_loss.h"
#include "tools/bench_side.h"
#include "tools/bench_step.h"
#include "tools/command.h"
#include "tools/machine_ceilings.h"
#include "tools/op_classes.h"
#include "train/row.h"
#include "train/step_profile_json.h"
#include "train/table.h"

namespace rc {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr double kRunSeconds = 2;      // what one run should take; its number of steps follows from that
constexpr int64_t kProfiledSteps = 3;  // after all runs

struct Options : Comparison {
  BenchCase common;  // what all rows share; model, mode and batch come from these lists
  std::vector<std::string> models = {"resnet18"}, modes = {"train", "infer"};
  std::vector<int> batches = {16, 32};
  bool json = false;
};

// What is known of a case once it was measured.
struct Measured {
  Row row;
  std::vector<ProfileGroup> classes;  // of our side's steps
};

// The command of one side: how it starts, and the case in the words that both understand.
std::vector<std::string> command_of(std::vector<std::string> start, const BenchCase& c) {
  const std::string words[] = {c.model,
                               "--mode",
                               c.mode,
                               "--batch",
                               std::to_string(c.batch),
                               "--size",
                               std::to_string(c.size),
                               "--threads",
                               std::to_string(c.threads),
                               "--optimizer",
                               c.optimizer,
                               "--precision",
                               c.precision};
  start.insert(start.end(), std::begin(words), std::end(words));
  return start;
}

ProfileGroup all_of(const std::vector<ProfileGroup>& classes) {
  ProfileGroup all;
  for (const ProfileGroup& c : classes) all.add(c);
  return all;
}

// Medians over the repeats; the ratio of speeds is the median of those of neighbouring runs.
Measured measure(const Options& o, const BenchCase& c, const Ceilings& ceilings) {
  BenchSide ours(command_of({"/proc/self/exe", "bench", "serve"}, c), "");
  std::optional<BenchSide> peer;
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
  const double flops = ours.ready().at("flops_per_image").get<double>() * median(speed);
  const double peer_bytes = peer ? peer->peak_bytes() : median({});
  Measured m;
  m.row = {{"model", c.model},
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
           {"ceiling_flop_per_second", ceilings.product},
           {"peer_deployment", peer ? peer->ready().value("deployment", "") : ""}};
  m.classes = by_class(profile_of_json(ours.profile(kProfiledSteps), ceilings.limit));
  const ProfileGroup all = all_of(m.classes);
  m.row.emplace_back("all: share of limit", all.share_of_limit());
  for (const ProfileGroup& g : m.classes) {
    m.row.emplace_back(g.name + ": share of time", g.seconds / all.seconds);
    m.row.emplace_back(g.name + ": share of limit", g.calls > 0 ? g.share_of_limit() : median({}));
  }
  return m;
}

std::string mebibytes(double bytes) { return fixed(bytes / (1 << 20), 0); }

const Cell& cell(const Measured& m, const std::string& name) {
  return std::ranges::find(m.row, name, &Row::value_type::first)->second;
}

// "resnet18 train 16"
std::string title_of(const Measured& m) {
  return std::get<std::string>(cell(m, "model")) + " " + std::get<std::string>(cell(m, "mode")) + " " +
         std::to_string(std::get<int64_t>(cell(m, "batch")));
}

std::string table_of(const std::vector<Measured>& cases) {
  Table table({"model, mode, batch", "img/s", "PyTorch", "ratio", "peak MiB", "PyTorch", "ratio", "GFLOP/s",
               "of ceiling"});
  for (const Measured& m : cases) {
    const auto number = [&](const std::string& name) { return std::get<double>(cell(m, name)); };
    const double share = number("flop_per_second") / number("ceiling_flop_per_second");
    table.add({title_of(m), fixed(number("images_per_second"), 1), fixed(number("peer_images_per_second"), 1),
               fixed(number("speed_ratio"), 2), mebibytes(number("peak_bytes")),
               mebibytes(number("peer_peak_bytes")), fixed(number("memory_ratio"), 2),
               fixed(number("flop_per_second") / 1e9, 1), fixed(100 * share, 0) + " %"});
  }
  return table.text();
}

// "26 at 91": 26 % of our time, in which 91 % of what the ceilings allow is done; last, what is done of it in
// all.
std::string class_table(const std::vector<Measured>& cases) {
  std::vector<std::string> header = {"% of time at % of limit"};
  header.insert(header.end(), kOpClasses.begin(), kOpClasses.end());
  header.emplace_back("all");
  Table table(header);
  for (const Measured& m : cases) {
    std::vector<std::string> cells = {title_of(m)};
    const ProfileGroup all = all_of(m.classes);
    const auto share = [](const ProfileGroup& g) { return fixed(100 * g.share_of_limit(), 0); };
    for (const ProfileGroup& g : m.classes)
      cells.push_back(g.calls == 0 ? "" : fixed(100 * g.seconds / all.seconds, 0) + " at " + share(g));
    cells.push_back(share(all));
    table.add(std::move(cells));
  }
  return table.text();
}

// How PyTorch was deployed, where it was.
std::string deployments(const std::vector<Measured>& cases) {
  std::string out;
  for (const Measured& m : cases)
    if (const auto& way = std::get<std::string>(cell(m, "peer_deployment")); !way.empty())
      out += (out.empty() ? "PyTorch infers the fastest way it has here: " : ", ") + title_of(m) + " " + way;
  return out.empty() ? out : out + ".\n";
}

void print(const Options& o, const std::vector<Measured>& cases, const Ceilings& ceilings) {
  std::printf("%d px, %s, %d threads; medians of %d runs by the wall clock, ours and the peer's in turn\n",
              o.common.size, o.common.precision.c_str(), o.common.threads, o.repeats);
  std::printf("ceilings %s\n\n%s\nours, by sort of op:\n%s\n", ceilings.text.c_str(), table_of(cases).c_str(),
              class_table(cases).c_str());
  std::printf(
      "ratio: ours / PyTorch, of speed the median over neighbouring runs. peak: resident memory of the whole "
      "process.\n"
      "of ceiling, of limit: FLOPs are those of direct convolution, so Winograd can pass it. limit: the op's "
      "own ceiling,\ncompute or memory (realcentric profile shows each op). dx, dw: gradients of "
      "convolutions. all: of the whole step.\n%s",
      deployments(cases).c_str());
}

std::vector<Measured> measure_all(const Options& o, const Ceilings& ceilings) {
  std::vector<Measured> cases;
  std::string csv;
  for (const std::string& model : o.models)
    for (const std::string& mode : o.modes)
      for (const int batch : o.batches) {
        BenchCase one = o.common;
        one.model = model, one.mode = mode, one.batch = batch;
        std::fprintf(stderr, "%s, %s, batch %d ...\n", model.c_str(), mode.c_str(), batch);
        cases.push_back(measure(o, one, ceilings));
        if (csv.empty()) csv = csv_header(cases.back().row);
        csv += csv_line(cases.back().row);
        if (!o.csv.empty()) write_file(o.csv, csv);  // so far: a long comparison may be stopped
      }
  return cases;
}

void bench(Options o) {
  if (std::ranges::find(o.models, "all") != o.models.end()) o.models = backbone_names();
  if (o.peer == "torch") o.peer_script = found_peer_script(o.peer_script);
  if (o.common.threads == 0) o.common.threads = int(std::max(1u, std::thread::hardware_concurrency()));
  const Policy policy{.precision = o.common.precision == "bf16" ? DType::bf16 : DType::f32};
  const Ceilings ceilings = ceilings_of(open_device("auto")->name(), policy, o.common.threads);
  const std::vector<Measured> cases = measure_all(o, ceilings);
  if (!o.json) return print(o, cases, ceilings);
  std::string rows;
  for (const Measured& m : cases) rows += (rows.empty() ? "" : ",") + json_line(m.row);
  std::printf("{\"ceilings\":%s,\"cases\":[%s]}\n", Json(ceilings.text).dump().c_str(), rows.c_str());
}

void add_case_flags(CLI::App& command, BenchCase& c) {
  command.add_option("--img-size,--size", c.size, "Side of an image, pixels")
      ->check(CLI::Range(32, 1024))
      ->capture_default_str();
  command.add_option("--precision", c.precision, "Of both sides; the peer's bf16 is autocast")
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
  add_bench_loader(*command);
  add_bench_depthwise(*command);
  add_case_flags(*command, options->common);
  std::vector<std::string> models = backbone_names();
  models.push_back("all");
  command->add_option("--model", options->models, "Backbones")
      ->delimiter(',')
      ->check(CLI::IsMember(models))
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
  command->add_flag("--json", options->json, "One JSON object instead of tables");
  command->callback([options, command] {
    if (command->get_subcommands().empty()) bench(*options);
  });
}

}  // namespace rc
