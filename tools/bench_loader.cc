// From files to batches: our loader, PyTorch's DataLoader with the same images, transforms and workers, and
// what decoding alone would allow; each side a process of its own, in turn.
#include "tools/bench_loader.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/loader.h"
#include "data/parallel.h"
#include "data/synth.h"
#include "engine/error.h"
#include "engine/file.h"
#include "tools/bench_serve.h"
#include "tools/bench_side.h"
#include "train/row.h"
#include "train/table.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

constexpr double kRunSeconds = 2;  // what one run should take; its number of steps follows from that
constexpr int kDrawn = 64;         // images of a generated set, half of them in each class
constexpr int kPrefetch = 4;       // batches that both sides keep ready

struct LoaderCase {
  std::string data, preset = "none";
  int size = 224, batch = 32, workers = 2;
  bool decode_alone = false;
};

// The training images of a set in one view, no pairs: which images make up a batch is no part of the
// comparison.
Index training_set(const std::string& data) { return load_index(data).only_split("train"); }

void serve_loader(const LoaderCase& c) {
  const Index index = training_set(c.data);
  SamplerOptions options;
  options.pairing = "balanced", options.batch = c.batch, options.views = 1;
  const Sampler sampler(index, options);
  Loader loader(index, sampler, preset_views(c.preset, 1), {c.size}, 1, c.workers, kPrefetch, 0, 0);
  loader.next();
  serve_steps(nlohmann::ordered_json::object(), [&] { loader.next(); });
}

// A batch is decoded from memory on as many threads, and that is all.
void serve_decoding(const LoaderCase& c) {
  const Index index = training_set(c.data);
  std::vector<std::string> files;
  for (const Video& video : index.videos)
    for (const std::string& frame : video.frames)
      files.push_back(read_file(index.root / frame, uint64_t(1) << 30));
  size_t next = 0;
  serve_steps(nlohmann::ordered_json::object(), [&] {
    parallel_for(size_t(c.batch), c.workers,
                 [&](size_t i) { decode_image(files[(next + i) % files.size()], "image"); });
    next += size_t(c.batch);
  });
}

struct Options : Comparison {
  LoaderCase common;
  std::vector<std::string> presets = {"none", "light", "dfb"}, formats = {"jpeg", "png"};
  std::vector<int> sides = {256, 360};
  bool json = false;
};

// A folder that vanishes with the object.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "realcentric-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw Error(Exit::data, "cannot make a folder", name);
    path_ = name;
  }
  Scratch(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

// Drawn faces, a training split of two classes.
void draw_set(const fs::path& folder, const std::string& format, int side) {
  for (int i = 0; i < kDrawn; ++i)
    write_image(folder / "train" / (i % 2 ? "fake" : "real") / (std::to_string(i) + "." + format),
                draw_person(1, uint32_t(i), side).face);
}

// The peer reads no layouts: a label, a tab and a path a line.
std::string list_of(const Index& index) {
  std::string text;
  for (const Video& video : index.videos)
    for (const std::string& frame : video.frames)
      text += std::to_string(video.label) + "\t" + fs::absolute(index.root / frame).string() + "\n";
  return text;
}

std::vector<std::string> our_command(const LoaderCase& c, bool decode_alone) {
  std::vector<std::string> words = {"/proc/self/exe", "bench",
                                    "serve-loader",   c.data,
                                    "--preset",       c.preset,
                                    "--size",         std::to_string(c.size),
                                    "--batch-size",   std::to_string(c.batch),
                                    "--workers",      std::to_string(c.workers)};
  if (decode_alone) words.push_back("--decode-alone");
  return words;
}

std::vector<std::string> peer_command(const Options& o, const LoaderCase& c, const fs::path& list) {
  return {"/usr/bin/python3",
          o.peer_script,
          list,
          "--preset",
          c.preset,
          "--size",
          std::to_string(c.size),
          "--batch",
          std::to_string(c.batch),
          "--workers",
          std::to_string(c.workers),
          "--prefetch",
          std::to_string(kPrefetch)};
}

// Medians over the repeats; ratios are medians of those of neighbouring runs. Batches that were ready when a
// run began do not count.
Row measure(const Options& o, const LoaderCase& c, const std::string& what, const fs::path& list) {
  BenchSide ours(our_command(c, false), ""), decoding(our_command(c, true), "");
  std::optional<BenchSide> peer;
  if (o.peer == "torch") peer.emplace(peer_command(o, c, list), kNoPeer);
  ours.seconds(kPrefetch);
  const auto made = std::max(int64_t(1), int64_t(kRunSeconds / ours.seconds(kPrefetch + 1)));
  const auto speed_of = [&](BenchSide& side, int64_t ready) {
    return double(made * c.batch) / side.seconds(made + ready);
  };
  std::vector<double> speed, decoded, share, peer_speed, ratio;
  for (int i = 0; i < o.repeats; ++i) {
    speed.push_back(speed_of(ours, kPrefetch));
    decoded.push_back(speed_of(decoding, 0));
    share.push_back(speed.back() / decoded.back());
    if (!peer) continue;
    peer_speed.push_back(speed_of(*peer, kPrefetch));
    ratio.push_back(speed.back() / peer_speed.back());
  }
  const double peer_bytes = peer ? peer->peak_bytes() : median({});
  return {{"images", what},
          {"preset", c.preset},
          {"img_size", int64_t(c.size)},
          {"batch", int64_t(c.batch)},
          {"workers", int64_t(c.workers)},
          {"repeats", int64_t(o.repeats)},
          {"images_per_second", median(speed)},
          {"peer_images_per_second", median(peer_speed)},
          {"speed_ratio", median(ratio)},
          {"decoded_per_second", median(decoded)},
          {"share_of_decoding", median(share)},
          {"peak_bytes", ours.peak_bytes()},
          {"peer_peak_bytes", peer_bytes},
          {"memory_ratio", ours.peak_bytes() / peer_bytes}};
}

void measure_set(const Options& o, const std::string& data, const std::string& what, std::vector<Row>& rows) {
  const Scratch scratch;
  const fs::path list = scratch / "list.tsv";
  write_file(list, list_of(training_set(data)));
  for (const std::string& preset : o.presets) {
    LoaderCase c = o.common;
    c.data = data, c.preset = preset;
    std::fprintf(stderr, "%s, %s ...\n", what.c_str(), preset.c_str());
    rows.push_back(measure(o, c, what, list));
  }
}

std::string table_of(const std::vector<Row>& rows) {
  Table table({"images", "preset", "img/s", "PyTorch", "ratio", "decoding alone", "of it", "peak MiB",
               "PyTorch", "ratio"});
  for (const Row& row : rows) {
    const auto& value = [&](const char* name) -> const Cell& {
      return std::ranges::find(row, name, &Row::value_type::first)->second;
    };
    const auto number = [&](const char* name, double unit, int digits) {
      return fixed(std::get<double>(value(name)) / unit, digits);
    };
    table.add({std::get<std::string>(value("images")), std::get<std::string>(value("preset")),
               number("images_per_second", 1, 0), number("peer_images_per_second", 1, 0),
               number("speed_ratio", 1, 2), number("decoded_per_second", 1, 0),
               number("share_of_decoding", 0.01, 0) + " %", number("peak_bytes", 1 << 20, 0),
               number("peer_peak_bytes", 1 << 20, 0), number("memory_ratio", 1, 2)});
  }
  return table.text();
}

void bench_loader(Options o) {
  if (o.peer == "torch") o.peer_script = found_peer_script(o.peer_script, "bench_loader.py");
  std::vector<Row> rows;
  if (!o.common.data.empty())
    measure_set(o, o.common.data, fs::path(o.common.data).filename().string(), rows);
  for (const std::string& format : o.formats)
    for (const int side : o.sides) {
      if (!o.common.data.empty()) break;
      const Scratch scratch;
      draw_set(scratch / "drawn", format, side);
      measure_set(o, (scratch / "drawn").string(), format + " " + std::to_string(side), rows);
    }
  std::string csv = csv_header(rows.front()), json;
  for (const Row& row : rows) {
    csv += csv_line(row);
    json += (json.empty() ? "" : ",") + json_line(row);
  }
  if (!o.csv.empty()) write_file(o.csv, csv);
  if (o.json) {
    std::printf("{\"cases\":[%s]}\n", json.c_str());
    return;
  }
  std::printf(
      "from files to batches of %d at %d px, %d workers; medians of %d runs by the wall clock, in "
      "turn\n\n%s\n"
      "ratio: ours / PyTorch, of speed the median over neighbouring runs. decoding alone: the same images "
      "from "
      "memory, on\nas many threads. peak: resident memory, of PyTorch with its workers.\n",
      o.common.batch, o.common.size, o.common.workers, o.repeats, table_of(rows).c_str());
}

void add_case_flags(CLI::App& command, LoaderCase& c) {
  command.add_option("--img-size,--size", c.size, "Side of the network's input in pixels")
      ->check(CLI::Range(32, 1024))
      ->capture_default_str();
  command.add_option("-b,--batch-size", c.batch, "Images of a batch")
      ->check(CLI::Range(2, 4096))
      ->capture_default_str();
  command.add_option("-j,--workers", c.workers, "Threads of ours, processes of PyTorch's")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

// Our side of the comparison, which `bench loader` starts; not in the help.
void add_serve_loader(CLI::App& bench) {
  const auto options = std::make_shared<LoaderCase>();
  CLI::App* command = bench.add_subcommand("serve-loader", "One side of `bench loader`")->group("");
  add_case_flags(*command, *options);
  command->add_option("data", options->data)->required();
  command->add_option("--preset", options->preset)->check(CLI::IsMember(augmentation_presets()));
  command->add_flag("--decode-alone", options->decode_alone);
  command->callback([options] { options->decode_alone ? serve_decoding(*options) : serve_loader(*options); });
}

}  // namespace

void add_bench_loader(CLI::App& bench) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = bench.add_subcommand(
      "loader", "Measure decoding, augmenting and batching, beside PyTorch's DataLoader on the same images");
  add_case_flags(*command, options->common);
  command->add_option("--data", options->common.data,
                      "Data set, of which the training split is read; without it faces are drawn");
  command->add_option("--aug", options->presets, "Augmentation presets")
      ->delimiter(',')
      ->check(CLI::IsMember({"none", "light", "dfb"}))
      ->capture_default_str();
  command->add_option("--formats", options->formats, "Of drawn faces")
      ->delimiter(',')
      ->check(CLI::IsMember({"jpeg", "png"}))
      ->capture_default_str();
  command->add_option("--sides", options->sides, "Of drawn faces, pixels")
      ->delimiter(',')
      ->check(CLI::Range(64, 1024))
      ->capture_default_str();
  add_comparison_flags(*command, *options);
  command->add_flag("--json", options->json, "One JSON object instead of a table");
  command->callback([options] { bench_loader(*options); });
  add_serve_loader(bench);
}

}  // namespace rc
