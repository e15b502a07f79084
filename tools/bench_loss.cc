// The contrastive loss (SupCon: margin 0, no synthetic keys) with the matrix of similarities, without it, and
// PyTorch's: time, arithmetic and memory, each side a process of its own, in turn.
#include "tools/bench_loss.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/program.h"
#include "kernels/scalars.h"
#include "model/ops/add.h"
#include "model/ops/contrastive_loss.h"
#include "tools/bench_serve.h"
#include "tools/bench_side.h"
#include "tools/fma_ceiling.h"
#include "train/row.h"
#include "train/table.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

constexpr double kRunSeconds = 0.5;   // what one run should take; its number of steps follows from that
constexpr double kAgreement = 1e-4;   // relative: the mean of N losses in fp32, added up in sequence
constexpr double kPeerMatrices = 10;  // N x N floats that PyTorch holds at its peak

struct LossCase {
  int64_t n = 0, dim = 128;
  std::string kernel = "fused";  // fused | materialised
  int threads = 0;
};

// The same embeddings as bench_torch.py's.
float embedding(uint32_t place) {
  for (int i = 0; i < 2; ++i) place = (place ^ place >> 16) * 0x45d9f3bu;
  return float(double(place ^ place >> 16) / 4294967296.0 - 0.5);
}

class LossBench {
 public:
  LossBench(Device& device, const LossCase& c) : device_(device) {
    auto graph = std::make_unique<Graph>(device, variables_, Policy{}, true);
    label_ = graph->input({DType::i32, {c.n}}), scalars_ = graph->input({DType::f32, {kScalars}}),
    step_ = graph->input({DType::i32, {1}});
    const Value v = graph->variable(variables_.parameter("v", {c.n, c.dim}, [](std::vector<float>& x) {
      for (size_t i = 0; i < x.size(); ++i) x[i] = embedding(uint32_t(i));
    }));
    const Value centre = graph->variable(variables_.buffer("centre", {DType::f32, {1, c.dim}}));
    const Value started = graph->variable(variables_.buffer("started", {DType::i32, {1}}));
    KeyOptions no_synthesis;
    no_synthesis.share = 0, no_synthesis.pairs = no_synthesis.with_centre = 0;
    ContrastiveOptions supcon;
    supcon.m = 0;
    supcon.kernel = c.kernel == "fused" ? ContrastiveKernel::fused : ContrastiveKernel::materialised;
    const ContrastiveKeys keys = contrastive_keys(v, label_, centre, started, scalars_, step_, no_synthesis);
    loss_ = contrastive_loss(keys, label_, {}, scalars_, supcon);
    graph->keep(loss_);
    graph->backward(std::array{loss_}, add);
    for (const Node& node : graph->nodes()) bytes_ += node.op->cost(node).bytes;
    program_ = std::make_unique<Program>(std::move(graph));
    variables_.allocate(device);
    program_->prepare();

    for (int64_t i = 0; i < c.n; ++i) labels_.push_back(int32_t(i % 2));
  }

  void step() {  // inputs hold for one run
    float values[kScalars] = {};
    values[kObjectiveWeight] = 1;
    device_.upload(program_->tensor(label_).data, labels_.data(), label_.desc().bytes());
    device_.upload(program_->tensor(scalars_).data, values, sizeof values);
    device_.fill_zero(program_->tensor(step_).data, step_.desc().bytes());
    program_->run();
  }
  double flops() const { return program_->flops(); }
  double bytes() const { return bytes_; }
  double loss() const {
    float x = 0;
    device_.download(&x, program_->tensor(loss_).data, sizeof x);
    return double(x);
  }
  double gradient_length() const {
    const Tensor g = variables_.gradient(*variables_.find("v"));
    std::vector<float> x(size_t(g.shape.numel()));
    device_.download(x.data(), g.data, x.size() * sizeof(float));
    double square = 0;
    for (const float value : x) square += double(value) * double(value);
    return std::sqrt(square);
  }

 private:
  Device& device_;
  Variables variables_;
  std::vector<int32_t> labels_;
  Value label_, scalars_, step_, loss_;
  std::unique_ptr<Program> program_;
  double bytes_ = 0;
};

void serve_loss(const LossCase& c) {
  const std::unique_ptr<Device> device = open_device("auto", c.threads);
  const int64_t before = rss_bytes();
  LossBench bench(*device, c);
  bench.step();
  serve_steps(
      {{"flops", bench.flops()}, {"bytes", bench.bytes()}, {"rss_before_bytes", before}},
      [&] { bench.step(); },
      [&] {
        return nlohmann::ordered_json{{"loss", bench.loss()}, {"gradient_length", bench.gradient_length()}};
      });
}

struct Options : Comparison {
  std::vector<int64_t> sizes = {64, 256, 1024, 4096, 16384};
  LossCase common;
};

double available_bytes() {
  std::ifstream meminfo("/proc/meminfo");
  for (std::string line; std::getline(meminfo, line);)
    if (line.starts_with("MemAvailable:")) return 1024 * std::stod(line.substr(13));
  throw Error(Exit::internal, "no MemAvailable", "/proc/meminfo");
}

std::vector<std::string> command_of(const Options& o, const std::string& name, int64_t n) {
  std::vector<std::string> words;
  if (name == "PyTorch")
    words = {"/usr/bin/python3", o.peer_script, "supcon", std::to_string(n), std::to_string(o.common.dim)};
  else
    words = {"/proc/self/exe", "bench", "serve-loss", std::to_string(n), std::to_string(o.common.dim),
             "--kernel",       name};
  words.insert(words.end(), {"--threads", std::to_string(o.common.threads)});
  return words;
}

// One row a side that could run; what could not, and what differs, is said on standard error.
std::vector<Row> measure(const Options& o, int64_t n, double ceiling) {
  struct Runner {
    std::string name;
    BenchSide side;
    int64_t steps = 1;
    std::vector<double> seconds = {};
  };
  std::vector<std::unique_ptr<Runner>> runners;
  const double square = double(n) * double(n);
  for (const std::string name : {"fused", "materialised", "PyTorch"}) {
    if (name == "PyTorch" && o.peer != "torch") continue;
    const double need = name == "fused" ? 0 : 4 * square * (name == "PyTorch" ? kPeerMatrices : 1);
    if (need > 0.9 * available_bytes()) {
      std::fprintf(stderr, "N = %lld: %s is left out, it needs about %.1f GiB of memory\n", (long long)n,
                   name.c_str(), need / (1 << 30));
      continue;
    }
    runners.emplace_back(new Runner{name, BenchSide(command_of(o, name, n), kNoPeer)});
    Runner& r = *runners.back();
    r.steps = std::max(int64_t(1), int64_t(kRunSeconds / r.side.seconds(1)));
  }
  for (int i = 0; i < o.repeats; ++i)
    for (const auto& r : runners) r->seconds.push_back(r->side.seconds(r->steps) / double(r->steps));

  std::vector<Row> rows;
  const auto value = [](const Runner& r, const char* name) { return r.side.last().at(name).get<double>(); };
  const Runner& fused = *runners.front();
  for (const auto& r : runners) {
    for (const char* what : {"loss", "gradient_length"})
      if (!(std::abs(value(*r, what) / value(fused, what) - 1) < kAgreement))
        std::fprintf(stderr, "N = %lld: the %s of %s is %.7g, of the fused kernels %.7g\n", (long long)n,
                     what, r->name.c_str(), value(*r, what), value(fused, what));
    std::vector<double> ratio;
    for (size_t i = 0; i < r->seconds.size(); ++i) ratio.push_back(r->seconds[i] / fused.seconds[i]);
    const bool peer = r->name == "PyTorch";  // counts no FLOPs; its three products are those of the matrix
    const auto ours = [&](const char* name) { return r->side.ready().at(name).get<double>(); };
    const double flops = peer ? 6 * square * double(o.common.dim) : ours("flops"), time = median(r->seconds);
    rows.push_back({{"n", n},
                    {"dim", o.common.dim},
                    {"threads", int64_t(o.common.threads)},
                    {"side", r->name},
                    {"seconds", time},
                    {"times_fused", median(ratio)},
                    {"flops", flops},
                    {"bytes_moved", peer ? median({}) : ours("bytes")},
                    {"flop_per_second", flops / time},
                    {"fma_ceiling_flop_per_second", ceiling},
                    {"extra_bytes", r->side.peak_bytes() - ours("rss_before_bytes")},
                    {"loss", value(*r, "loss")},
                    {"gradient_length", value(*r, "gradient_length")}});
  }
  return rows;
}

std::string table_of(const std::vector<Row>& rows) {
  Table table({"", "N", "ms", "times fused", "GFLOP", "MB moved", "of ceiling", "extra MiB", "loss"});
  for (const Row& row : rows) {
    const auto number = [&](const std::string& name) {
      return std::get<double>(std::ranges::find(row, name, &Row::value_type::first)->second);
    };
    table.add({std::get<std::string>(row[3].second), std::to_string(std::get<int64_t>(row[0].second)),
               fixed(1e3 * number("seconds"), 3), fixed(number("times_fused"), 2),
               fixed(number("flops") / 1e9, 3), fixed(number("bytes_moved") / 1e6, 1),
               fixed(100 * number("flop_per_second") / number("fma_ceiling_flop_per_second"), 0) + " %",
               fixed(number("extra_bytes") / (1 << 20), 1), fixed(number("loss"), 5)});
  }
  return table.text();
}

void bench_loss(Options o) {
  if (o.peer == "torch") o.peer_script = found_peer_script(o.peer_script);
  if (o.common.threads == 0) o.common.threads = int(std::max(1u, std::thread::hardware_concurrency()));
  const double ceiling = measure_fma_ceiling(o.common.threads);
  std::vector<Row> rows;
  for (const int64_t n : o.sizes)
    for (Row& row : measure(o, n, ceiling)) rows.push_back(std::move(row));
  if (!o.csv.empty()) {
    std::string csv = csv_header(rows.front());
    for (const Row& row : rows) csv += csv_line(row);
    write_file(o.csv, csv);
  }
  std::printf(
      "SupCon of N embeddings of %lld dimensions, forward and backward, fp32, %d threads; medians of %d runs "
      "by the wall clock, in turn\n%s\n"
      "ceiling: %.1f GFLOP/s, fused multiply-adds on registers. extra: resident memory at its peak less that "
      "before the embeddings were made.\n",
      (long long)o.common.dim, o.common.threads, o.repeats, table_of(rows).c_str(), ceiling / 1e9);
}

void add_serve_loss(CLI::App& bench) {
  const auto options = std::make_shared<LossCase>();
  CLI::App* command = bench.add_subcommand("serve-loss", "One side of `bench loss`")->group("");
  command->add_option("n", options->n)->required()->check(CLI::Range(2, 1 << 20));
  command->add_option("dim", options->dim)->required()->check(CLI::Range(2, 4096));
  command->add_option("--kernel", options->kernel)->check(CLI::IsMember({"fused", "materialised"}));
  command->add_option("--threads", options->threads)->check(CLI::Range(0, 1024));
  command->callback([options] { serve_loss(*options); });
}

}  // namespace

void add_bench_loss(CLI::App& bench) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = bench.add_subcommand(
      "loss",
      "Measure the contrastive loss with its matrix, without it, and PyTorch's, forward and backward");
  command->add_option("-n,--sizes", options->sizes, "Numbers of embeddings")
      ->delimiter(',')
      ->check(CLI::Range(2, 1 << 20))
      ->capture_default_str();
  command->add_option("--dim", options->common.dim, "Of an embedding")
      ->check(CLI::Range(2, 4096))
      ->capture_default_str();
  command->add_option("--threads", options->common.threads, "Of all sides; 0: one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  add_comparison_flags(*command, *options);
  command->callback([options] { bench_loss(*options); });
  add_serve_loss(bench);
}

}  // namespace rc
