// realcentric predict: scores images with a trained detector.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/error.h"
#include "tools/command.h"
#include "train/loaded_detector.h"
#include "train/row.h"
#include "train/score_files.h"
#include "train/table.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path weights;
  std::vector<fs::path> paths;
  std::string format = "text", device = "auto";
  double threshold = 0.5;
  int threads = 0, batch = 8;
};

constexpr size_t kPiece = 256;  // images after which results are printed

Row row_of(const std::string& path, double prob_fake, double threshold, double real_distance) {
  return {{"path", path},
          {"prob_fake", prob_fake},
          {"prediction", prob_fake > threshold ? "fake" : "real"},
          {"real_distance", real_distance}};
}

std::string text_line(const Row& row) {
  const auto number = [&](size_t i) { return std::get<double>(row[i].second); };
  const auto text = [&](size_t i) { return std::get<std::string>(row[i].second); };
  std::string line = text(0) + ": P(fake) " + fixed(number(1), 4) + ", " + text(2);
  if (!std::isnan(number(3))) line += ", distance to the centre of natural faces " + fixed(number(3), 4);
  return line + "\n";
}

void predict(const Options& o) {
  const std::vector<fs::path> files = images_at(o.paths);
  if (files.empty())
    throw Error(Exit::data, "no image in " + o.paths.front().string() + (o.paths.size() > 1 ? ", ..." : ""),
                "", "a folder's images are its .png, .jpg, .jpeg and .bmp files, in folders below it too");

  LoadedDetector detector(o.weights, o.device, o.threads, o.batch);
  const Config& config = detector.config();
  if (o.format == "csv") std::fputs(csv_header(row_of("", 0, 0, 0)).c_str(), stdout);

  size_t unreadable = 0;
  for (size_t first = 0; first < files.size(); first += kPiece) {
    const std::span piece = std::span(files).subspan(first, std::min(kPiece, files.size() - first));
    const std::vector<FileScore> scores = score_files(detector.scorer(), piece, config.data.img_size);
    for (size_t i = 0; i < piece.size(); ++i) {
      const auto& [score, problem] = scores[i];
      if (!problem.empty()) {
        std::fprintf(stderr, "realcentric: error: %s\n", problem.c_str());
        ++unreadable;
        continue;
      }
      const Row row = row_of(piece[i].string(), score.prob_fake(), o.threshold, double(score.distance));
      const std::string line = o.format == "csv"     ? csv_line(row)
                               : o.format == "jsonl" ? json_line(row)
                                                     : text_line(row);
      std::fputs(line.c_str(), stdout);
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
      throw Error(Exit::data, "cannot write the results", "standard output");
  }
  if (unreadable > 0)
    throw Error(
        Exit::data,
        std::to_string(unreadable) + " of " + std::to_string(files.size()) + " images were not scored", "",
        "the lines above say why");
}

}  // namespace

void add_predict_command(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("predict", "Score images with a trained detector");
  command->footer(
      "Images are scored as a whole, resized to the detector's size. They should show what it was trained "
      "on: "
      "one face, cropped as the training set was (realcentric data prepare).");
  command->add_option("-w,--weights", options->weights, "Run folder, checkpoint folder or model.safetensors")
      ->required();
  command->add_option("path", options->paths, "Images, or folders to be searched for images")->required();
  command->add_option("--format", options->format, "Of the results on standard output")
      ->check(CLI::IsMember({"text", "csv", "jsonl"}))
      ->capture_default_str();
  command->add_option("--threshold", options->threshold, "An image with a greater P(fake) is called fake")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("-b,--batch-size", options->batch, "Images scored at once")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_option("--device", options->device, "auto, cpu or cuda:N")->capture_default_str();
  command->add_option("--threads", options->threads, "Of the CPU device; 0: one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->callback([options] { predict(*options); });
}

}  // namespace rc
