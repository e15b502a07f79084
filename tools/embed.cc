// realcentric embed: a set's embeddings, for whoever wants to look at them by other means.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "data/evenly_spaced.h"
#include "data/frame.h"
#include "data/index.h"
#include "data/npy.h"
#include "engine/error.h"
#include "engine/file.h"
#include "tools/command.h"
#include "tools/detector_flags.h"
#include "tools/index_flags.h"
#include "train/detector_config.h"
#include "train/loaded_detector.h"
#include "train/row.h"

namespace rc {
namespace {

struct Options {
  DetectorFlags detector;
  std::string data, split = "test";
  ReadOptions read;
  std::filesystem::path output;
  int frames = 32;
};

void embed(const Options& o) {
  if (o.output.extension() != ".npy")
    throw Error(Exit::usage, "the embeddings go into a .npy file", o.output.string(), "-o features.npy");
  Index index = load_index(o.data, o.read);
  if (o.split != "all") index = index.only_split(o.split);
  index = evenly_spaced(std::move(index), o.frames);
  warn_of(index);
  std::vector<std::pair<int, int>> places;  // video, frame
  std::string rows;
  for (size_t v = 0; v < index.videos.size(); ++v)
    for (size_t f = 0; f < index.videos[v].frames.size(); ++f) {
      const Video& video = index.videos[v];
      const Row row = {{"dataset", video.dataset}, {"split", video.split},    {"video", video.id},
                       {"frame", int64_t(f)},      {"path", video.frames[f]}, {"label", int64_t(video.label)},
                       {"method", video.method}};
      if (places.empty()) rows = csv_header(row);
      rows += csv_line(row);
      places.emplace_back(int(v), int(f));
    }

  LoadedDetector detector(o.detector.weights, o.detector.device, o.detector.threads, o.detector.batch, true);
  const NetworkInput input = network_input(detector.config());
  std::vector<float> embeddings;
  const auto image = [&](size_t i) {
    return input.of(read_frame(index, places[i].first, places[i].second, input.smallest_decoded()));
  };
  detector.scorer().run(places.size(), image, {}, [&](size_t, const Inspection& seen) {
    embeddings.insert(embeddings.end(), seen.embedding.begin(), seen.embedding.end());
  });
  const std::array shape = {int64_t(places.size()), int64_t(embeddings.size() / places.size())};
  std::filesystem::path csv = o.output;
  csv.replace_extension(".csv");
  write_file(o.output, encode_npy(embeddings, shape));
  write_file(csv, rows);
  std::printf("%lld embeddings of %lld numbers: %s, %s\n", static_cast<long long>(shape[0]),
              static_cast<long long>(shape[1]), o.output.c_str(), csv.c_str());
}

}  // namespace

void add_embed_command(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("embed", "Write a set's embeddings as a NumPy file");
  command->footer(
      "What is written is the projected embedding before it is brought to the unit sphere; of a detector "
      "without a projection, the pooled features. The CSV file of the same name says what each row is of.");
  add_detector_flags(*command, options->detector);
  command->add_option("--data", options->data, "Data set: its folder, or an index of it")->required();
  add_index_flags(*command, options->read);
  command->add_option("--split", options->split, "train, val, test, or all")
      ->check(CLI::IsMember({"train", "val", "test", "all"}))
      ->capture_default_str();
  command->add_option("--frames-per-video", options->frames, "Evenly spaced; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("-o,--output", options->output, "File to write, .npy")->required();
  command->callback([options] { embed(*options); });
}

}  // namespace rc
