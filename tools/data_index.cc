// realcentric data index: the videos of a data set as a file.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "data/dfb_index.h"
#include "data/index.h"
#include "engine/file.h"
#include "tools/command.h"
#include "tools/index_flags.h"

namespace rc {
namespace {

struct Options {
  std::string path, out;
  ReadOptions read;
};

void index(const Options& o) {
  const Index index = load_index(o.path, o.read);
  warn_of(index);
  const bool dfb = std::filesystem::path(o.out).extension() == ".json";
  const std::string text = dfb ? to_dfb(index) : to_jsonl(index);
  if (o.out.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  write_file(o.out, text);
  size_t fakes = 0, frames = 0;
  for (const Video& video : index.videos) fakes += video.label == 1, frames += video.frames.size();
  std::printf("%zu real and %zu fake videos, %zu files in %s\nindex sha256 %s\n", index.videos.size() - fakes,
              fakes, frames, o.out.c_str(), index.hash.c_str());
  const auto absolute = [](const std::filesystem::path& path) {
    return std::filesystem::weakly_canonical(path.empty() ? "." : path);
  };
  if (absolute(std::filesystem::path(o.out).parent_path()) != absolute(index.root))
    std::printf("its paths begin at %s: read it with --data-root %s\n", index.root.c_str(),
                absolute(index.root).c_str());
}

}  // namespace

void add_data_index(CLI::App& data) {
  std::string formats = "Formats:";
  for (const IndexFormat& format : index_formats())
    formats += std::string("\n  ") + format.name + std::string(18 - std::string(format.name).size(), ' ') +
               format.describes;
  const auto options = std::make_shared<Options>();
  CLI::App* command = data.add_subcommand("index", "List the videos of a data set");
  command->footer(formats);
  command->add_option("path", options->path, "Data set: its folder, or an index of it")->required();
  command->add_option(
      "-o,--output", options->out,
      "File to write: .jsonl of ours, a video a line, or .json as DeepfakeBench has it; standard "
      "output without it");
  add_index_flags(*command, options->read);
  command->callback([options] { index(*options); });
}

}  // namespace rc
