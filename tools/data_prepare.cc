#include "tools/data_prepare.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "data/layout.h"
#include "data/prepare.h"
#include "data/prepare_videos.h"
#include "data/video_entry.h"
#include "engine/error.h"
#include "tools/counted_progress.h"
#include "tools/index_flags.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, Shortage> kPolicies = {
    {"repeat", Shortage::repeat}, {"drop", Shortage::drop}, {"error", Shortage::error}};

struct Options {
  fs::path in, out;
  std::string align = "aligned", short_videos = "repeat", no_face = "drop";
  PrepareVideosOptions prepare;
  ReadOptions read;
};

bool holds_videos(const fs::path& in) {
  if (!fs::is_directory(in)) return true;  // an index
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(in, fs::directory_options::skip_permission_denied))
    if (is_video_name(entry.path().string()) && entry.is_regular_file()) return true;
  return false;
}

void prepare_photographs(const Options& o) {
  const PrepareReport report = prepare(o.in, o.out, o.prepare.crops);
  for (const auto& photo : report.photos)
    if (photo.faces == 0)
      std::printf("%s: %s\n", photo.name.c_str(), photo.problem.empty() ? "no face" : photo.problem.c_str());
  std::printf("%d people in %zu photographs; crops and landmarks in %s\n", report.people,
              report.photos.size(), o.out.c_str());
}

void say(const PrepareVideosReport& report, const Options& o) {
  int crops = 0, repeated = 0, out = 0, no_face = 0, several = 0, cut = 0, brief = 0;
  for (const PreparedVideo& video : report.videos) {
    crops += video.crops, repeated += video.repeated, no_face += video.no_face;
    several += video.several_faces, cut += video.cut;
    brief += video.repeated > 0;
    out += video.folder.empty();
    if (!video.note.empty())
      std::fprintf(stderr, "realcentric: warning: %s%s: %s\n", video.video.c_str(),
                   video.folder.empty() ? " is left out" : "", video.note.c_str());
  }
  std::printf("%d crops of %zu videos in %s", crops, report.videos.size() - size_t(out), o.out.c_str());
  if (report.before > 0) std::printf(" (%d videos were there already)", report.before);
  std::printf(
      "\n%d videos left out; %d too short, %d crops repeated; %d frames without a face (%s), %d with "
      "several; %d frames of fakes beyond their end\neach video in %s/report.csv\n",
      out, brief, repeated, no_face, o.no_face.c_str(), several, cut, o.out.c_str());
}

void prepare_from(const Options& o) {
  if (!fs::exists(o.in)) throw Error(Exit::data, "no such file or folder", o.in.string());
  if (!holds_videos(o.in)) return prepare_photographs(o);
  const bool labelled = is_data_set(o.in) || !o.read.format.empty();
  if (!labelled && !fs::is_directory(o.in))
    throw Error(Exit::data, "no folder and no index", o.in.string(), "give the folder that the file is in");
  const Index index = labelled ? load_index(o.in, o.read) : videos_below(o.in);
  warn_of(index);
  CountedProgress progress("video");
  say(prepare_videos(index, labelled, o.out, FaceFinder(), o.prepare,
                     [&](size_t done, size_t all) { progress.show(done, all); }),
      o);
}

}  // namespace

void add_data_prepare(CLI::App& data) {
  const auto options = std::make_shared<Options>();
  PrepareVideosOptions& prepare = options->prepare;
  CLI::App* command =
      data.add_subcommand("prepare", "Find faces and landmarks in photographs or videos and crop them");
  command
      ->add_option("--in", options->in,
                   "Folder of photographs, folder of videos, data set of videos or its index")
      ->required();
  command
      ->add_option("-o,--output", options->out,
                   "Folder to make: faces/<id>.png and .npy of photographs; of videos the tree that they lie "
                   "in, .../frames/<video>/<frame>.png and .../landmarks/<video>/<frame>.npy, index.jsonl; "
                   "report.csv. Killed, the same command goes on with videos")
      ->required();
  command->add_option("--align", options->align, "Crops aligned by landmarks, or upright by the face's box")
      ->check(CLI::IsMember({"aligned", "box"}))
      ->capture_default_str();
  command->add_option("--size", prepare.crops.size, "Side of a crop, pixels")
      ->check(CLI::Range(64, 1024))
      ->capture_default_str();
  command->add_option("--margin", prepare.crops.margin, "How much more than the face a crop shows")
      ->check(CLI::Range(1.0, 3.0))
      ->capture_default_str();
  command->add_option("--frames", prepare.frames, "Frames of a video, evenly spaced")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command
      ->add_option("--short-videos", options->short_videos,
                   "Videos with fewer frames: repeat some, drop the video, or error")
      ->check(CLI::IsMember({"repeat", "drop", "error"}))
      ->capture_default_str();
  command
      ->add_option("--no-face", options->no_face,
                   "Frames without a face: repeat the box of the nearest frame with one, drop the frame, or "
                   "error")
      ->check(CLI::IsMember({"repeat", "drop", "error"}))
      ->capture_default_str();
  prepare.crops.threads = int(std::max(1u, std::thread::hardware_concurrency()));
  command->add_option("-j,--jobs", prepare.crops.threads, "Videos or photographs at once")
      ->check(CLI::Range(1, 1024))
      ->default_str("one a core");
  command->add_flag("--force", prepare.crops.replace, "Replace an existing folder, begin anew");
  add_index_flags(*command, options->read);
  command->callback([options] {
    options->prepare.crops.aligned = options->align == "aligned";
    options->prepare.short_videos = kPolicies.at(options->short_videos);
    options->prepare.no_face = kPolicies.at(options->no_face);
    prepare_from(*options);
  });
}

}  // namespace rc
