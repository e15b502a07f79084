// realcentric data pack: a data set as decoded pixels in a few large files.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "data/evenly_spaced.h"
#include "data/pack.h"
#include "tools/command.h"
#include "tools/counted_progress.h"
#include "tools/index_flags.h"

namespace rc {
namespace {

struct Options {
  std::string path, out, resize = "pil-bilinear";
  ReadOptions read;
  PackOptions pack;
  int frames_per_video = 0;
};

void run(const Options& o) {
  const Index index = evenly_spaced(load_index(o.path, o.read), o.frames_per_video, Spacing::target);
  warn_of(index);
  CountedProgress progress("frame");
  const PackReport report =
      pack(index, o.out, o.pack, [&](size_t done, size_t all) { progress.show(done, all); });
  std::printf("%zu frames of %zu videos, %.1f MiB in %s", report.frames, index.videos.size(),
              double(report.bytes) / (1 << 20), o.out.c_str());
  if (report.kept > 0) std::printf("; %zu of them were packed before", report.kept);
  std::printf("\n");
}

}  // namespace

void add_data_pack(CLI::App& data) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = data.add_subcommand(
      "pack", "Decode a data set into a few large files, to be trained from instead of it");
  command->add_option("path", options->path, "Data set: its folder, or an index of it")->required();
  add_index_flags(*command, options->read);
  command
      ->add_option("-o,--output", options->out, "Folder to make; an interrupted pack in it is gone on with")
      ->required();
  command->add_option("--frames-per-video", options->frames_per_video, "Evenly spaced; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--size", options->pack.size, "Side of the packed frames; 0: as large as they are")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  command->add_option("--resize", options->resize, "How they are brought to that size")
      ->check(CLI::IsMember(resampling_names()))
      ->capture_default_str();
  command->add_flag("--force", options->pack.replace, "Replace another pack in the folder");
  command->callback([options] {
    options->pack.resampling = resampling_of(options->resize);
    options->pack.threads = int(std::max(1u, std::thread::hardware_concurrency()));
    run(*options);
  });
}

}  // namespace rc
