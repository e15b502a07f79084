// realcentric predict: scores images with a trained detector.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "data/image.h"
#include "engine/error.h"
#include "tools/command.h"
#include "tools/detector_flags.h"
#include "train/detector_config.h"
#include "train/heat_map.h"
#include "train/loaded_detector.h"
#include "train/row.h"
#include "train/score_files.h"
#include "train/score_videos.h"
#include "train/table.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

struct Options {
  DetectorFlags detector = {.batch = 8};
  fs::path explain;
  std::vector<fs::path> paths;
  std::string format = "text";
  double threshold = 0.5;
  int frames = 32;
  std::string crop = "auto";
};

constexpr size_t kPiece = 256;  // images after which results are printed

Row row_of(const std::string& path, double prob_fake, double threshold, double real_distance) {
  return {{"path", path},
          {"prob_fake", prob_fake},
          {"prediction", prob_fake > threshold ? "fake" : "real"},
          {"real_distance", real_distance}};
}

// Columns that results have where videos are among them.
void add_counts(Row& row, int frames, int no_face) {
  row.emplace_back("n_frames", frames);
  row.emplace_back("n_no_face", no_face);
}

// Writes images with what speaks for "fake" laid over them, by the names of the files that they are of; the
// second of a name becomes name-2.
class Explanations {
 public:
  explicit Explanations(fs::path folder) : folder_(std::move(folder)) {}
  // Returns the file.
  std::string write(const fs::path& of, const Image& explained) {
    const std::string stem = of.stem().string();
    std::string name = stem;
    for (int n = 2; !taken_.insert(name).second; ++n) name = stem + "-" + std::to_string(n);
    const fs::path file = folder_ / (name + ".png");
    write_image(file, explained);
    return file.string();
  }

 private:
  fs::path folder_;
  std::set<std::string> taken_;
};

std::string text_line(const Row& row) {
  const auto number = [&](size_t i) { return std::get<double>(row[i].second); };
  const auto text = [&](size_t i) { return std::get<std::string>(row[i].second); };
  std::string line = text(0) + ": P(fake) " + fixed(number(1), 4) + ", " + text(2);
  if (!std::isnan(number(3))) line += ", distance to the centre of natural faces " + fixed(number(3), 4);
  size_t columns = row.size();
  std::string explained;
  if (row.back().first == "explained") explained = ", explained in " + text(--columns);
  if (const auto* no_face = std::get_if<int64_t>(&row[columns - 1].second)) {
    const int64_t frames = std::get<int64_t>(row[columns - 2].second);
    if (frames > 1) line += ", mean of " + std::to_string(frames) + " frames";
    if (*no_face > 0) line += ", " + std::to_string(*no_face) + " more without a face";
  }
  return line + explained + "\n";
}

VideoScoring scoring_of(const Options& o, const Config& config) {
  VideoScoring how;
  how.frames = o.frames;
  how.explained = !o.explain.empty();
  how.crop = o.crop == "none" ? FaceCrop::none : o.crop == "box" ? FaceCrop::box : FaceCrop::aligned;
  how.seen = [input = network_input(config)](const Image& image) { return input.of(image); };
  return how;
}

void predict(const Options& o) {
  auto [files, videos] = files_at(o.paths);
  if (files.empty() && videos.empty())
    throw Error(
        Exit::data, "no image or video in " + o.paths.front().string() + (o.paths.size() > 1 ? ", ..." : ""),
        "",
        "a folder's images are its .png, .jpg, .jpeg and .bmp files, its videos .mp4, .avi, .mov, .mkv "
        "and .webm, in folders below it too");

  const bool explains = !o.explain.empty();
  Explanations explanations(o.explain);
  LoadedDetector detector(o.detector.weights, o.detector.device, o.detector.threads, o.detector.batch,
                          explains);
  const Config& config = detector.config();
  Row header = row_of("", 0, 0, 0);
  if (o.crop == "box" || o.crop == "aligned") {  // images, too, are looked at for their faces
    videos.insert(videos.begin(), files.begin(), files.end());
    files.clear();
  }
  const bool counts = !videos.empty();
  if (counts) add_counts(header, 0, 0);
  if (explains) header.emplace_back("explained", "");
  if (o.format == "csv") std::fputs(csv_header(header).c_str(), stdout);

  size_t unreadable = 0;
  const auto complain = [&](const std::string& problem) {
    std::fprintf(stderr, "realcentric: error: %s\n", problem.c_str());
    ++unreadable;
  };
  const auto print = [&](const Row& row) {
    const std::string line = o.format == "csv"     ? csv_line(row)
                             : o.format == "jsonl" ? json_line(row)
                                                   : text_line(row);
    std::fputs(line.c_str(), stdout);
  };
  const auto flush = [] {
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
      throw Error(Exit::data, "cannot write the results", "standard output");
  };
  for (size_t first = 0; first < files.size(); first += kPiece) {
    const std::span piece = std::span(files).subspan(first, std::min(kPiece, files.size() - first));
    const std::vector<FileScore> scores =
        score_files(detector.scorer(), piece, network_input(config), explains);
    for (size_t i = 0; i < piece.size(); ++i) {
      const auto& [score, problem, fake] = scores[i];
      if (!problem.empty()) {
        complain(problem);
        continue;
      }
      Row row = row_of(piece[i].string(), score.prob_fake(), o.threshold, double(score.distance));
      if (counts) add_counts(row, 1, 0);
      if (explains)
        row.emplace_back("explained", explanations.write(piece[i], with_heat(read_image(piece[i]), fake)));
      print(row);
    }
    flush();
  }

  const VideoScoring how = scoring_of(o, config);
  std::optional<FaceFinder> finder;
  if (counts && how.crop != FaceCrop::none) finder.emplace();
  for (const fs::path& video : videos) {
    const VideoScore score = score_video(detector.scorer(), video, how, finder ? &*finder : nullptr);
    if (!score.remark.empty())
      std::fprintf(stderr, "realcentric: warning: %s: %s\n", video.c_str(), score.remark.c_str());
    if (!score.problem.empty()) {
      complain(score.problem);
      continue;
    }
    Row row = row_of(video.string(), score.prob_fake, o.threshold, score.real_distance);
    add_counts(row, score.frames, score.no_face);
    if (explains) row.emplace_back("explained", explanations.write(video, score.explained));
    print(row);
    flush();
  }
  if (unreadable > 0)
    throw Error(Exit::data,
                std::to_string(unreadable) + " of " + std::to_string(files.size() + videos.size()) +
                    (counts ? " files were not scored" : " images were not scored"),
                "", "the lines above say why");
}

}  // namespace

void add_predict_command(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("predict", "Score images and videos with a trained detector");
  command->footer(
      "Images are scored as a whole, resized to the detector's size. They should show what it was trained "
      "on: one face, cropped as the training set was (realcentric data prepare). Of a video, the biggest "
      "face "
      "of each frame is cropped as data prepare does it, and the score is the mean over the frames; frames "
      "without a face are counted, and a video without any has no score. Videos come after the images.");
  add_detector_flags(*command, options->detector);
  command->add_option("path", options->paths, "Images, videos, or folders to be searched for them")
      ->required();
  command->add_option("--format", options->format, "Of the results on standard output")
      ->check(CLI::IsMember({"text", "csv", "jsonl"}))
      ->capture_default_str();
  command->add_option(
      "--explain", options->explain,
      "Folder for PNGs with Grad-CAM of the logit of fake laid over, each map to its own largest "
      "value: of each image, and of the frame of a video with the highest P(fake)");
  command->add_option("--threshold", options->threshold, "An image with a greater P(fake) is called fake")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--frames", options->frames, "Of a video at most, evenly spaced")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command
      ->add_option(
          "--crop", options->crop,
          "none: whole images and frames; box, aligned: the biggest face of each; auto: images whole, "
          "faces of videos aligned")
      ->check(CLI::IsMember({"auto", "none", "box", "aligned"}))
      ->capture_default_str();
  command->callback([options] { predict(*options); });
}

}  // namespace rc
