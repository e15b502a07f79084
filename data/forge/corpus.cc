#include "data/forge/corpus.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "data/contact_sheet.h"
#include "data/forge/pairs.h"
#include "data/forge/variation.h"
#include "data/parallel.h"
#include "data/resize.h"
#include "data/staging.h"
#include "engine/build_info.h"
#include "engine/error.h"
#include "engine/nearest.h"
#include "engine/sha256.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

std::string number(int n) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%03d", n);
  return digits;
}

std::string real_folder(int person) { return "original_sequences/youtube/c23/frames/" + number(person); }

std::string fake_folder(const ForgeMethod& method, int target, int source) {
  return std::string("manipulated_sequences/") + method.name + "/c23/frames/" + number(target) + "_" +
         number(source);
}

std::string frame_file(const std::string& folder, int frame) { return folder + "/" + number(frame) + ".jpg"; }

std::vector<ForgeMethod> methods_named(const std::vector<std::string>& names) {
  std::vector<std::string> known;
  std::string all;
  for (const ForgeMethod& method : kForgeMethods) {
    known.push_back(method.name);
    all += (all.empty() ? "" : ", ") + known.back();
  }
  std::vector<ForgeMethod> chosen;
  for (const ForgeMethod& method : kForgeMethods)
    if (names.empty() || std::ranges::find(names, method.name) != names.end()) chosen.push_back(method);
  for (const std::string& name : names)
    if (std::ranges::find(known, name) == known.end()) {
      const std::string meant = nearest(name, known);
      throw Error(Exit::usage, "unknown forgery method \"" + name + "\"", "there are " + all,
                  meant.empty() ? "" : "did you mean \"" + meant + "\"?");
    }
  return chosen;
}

struct Written {
  std::string path, hash;
};

// Makes and writes frames; knows nothing of what other frames there are, so that they may be made in any
// order.
class Writer {
 public:
  Writer(const Staging& folder, const std::vector<Person>& people, const CorpusOptions& options)
      : folder_(folder), people_(people), options_(options), methods_(methods_named(options.methods)) {}

  const std::vector<ForgeMethod>& methods() const { return methods_; }

  // The real frames of a and b at one time, and every fake of one with the other.
  std::vector<Written> write_frame(int a, int b, int frame) const {
    std::vector<Written> written;
    const std::array<int, 2> who{a, b};
    const std::array<Frame, 2> real{real_frame(a, frame), real_frame(b, frame)};
    for (size_t i = 0; i < 2; ++i) {
      const int target = who[i], source = who[1 - i];
      written.push_back(write(frame_file(real_folder(target), frame), real[i].canvas,
                              rng(target, target, frame, ForgeDraw::codec)));
      for (const ForgeMethod& method : methods_) {
        const auto known = std::ranges::find(kForgeMethods, method.forge, &ForgeMethod::forge);
        const uint32_t index = uint32_t(known - kForgeMethods.begin());
        Rng draws = rng(target, source, frame, ForgeDraw::method, index);
        const Forgery fake = method.forge(real[i], real[1 - i], options_.strength, draws);
        written.push_back(write(frame_file(fake_folder(method, target, source), frame), fake.canvas,
                                rng(target, source, frame, ForgeDraw::codec, index)));
      }
    }
    return written;
  }

 private:
  Frame real_frame(int person, int frame) const {
    return frame_of(people_[size_t(person)], uint32_t(person), uint32_t(frame), options_.seed);
  }
  Rng rng(int target, int source, int frame, ForgeDraw use, uint32_t index = 0) const {
    return forge_rng(options_.seed, uint32_t(target), uint32_t(source), uint32_t(frame), use, index);
  }

  // The one way from a frame to a file, for real and fake alike.
  Written write(const std::string& path, const Canvas& canvas, Rng draws) const {
    const int quality = std::clamp(options_.quality - 5 + int(draws.below(11)), 1, 100);
    const std::string bytes = encode_jpeg(resize(to_image(canvas), options_.size, options_.size), quality);
    folder_.write(path, bytes);
    return {path, sha256(bytes)};
  }

  const Staging& folder_;
  const std::vector<Person>& people_;
  const CorpusOptions& options_;
  std::vector<ForgeMethod> methods_;
};

void write_splits(const Staging& folder, const std::array<SplitPairs, 3>& splits) {
  for (const SplitPairs& split : splits) {
    Json json = Json::array();
    for (const auto& [a, b] : split.pairs) json.push_back({number(a), number(b)});
    folder.write(std::string("splits/") + split.name + ".json", json.dump(1) + "\n");
  }
}

// The first frame of test people, real and forged, side by side.
void write_preview(const Staging& folder, const SplitPairs& split, const std::vector<ForgeMethod>& methods) {
  constexpr size_t kMostPairs = 6;
  const fs::path& root = folder.path();
  std::vector<std::vector<fs::path>> rows;
  for (size_t i = 0; i < std::min(split.pairs.size(), kMostPairs); ++i) {
    const auto [a, b] = split.pairs[i];
    for (const auto& [target, source] : {std::pair(a, b), std::pair(b, a)}) {
      std::vector<fs::path> row{root / frame_file(real_folder(target), 0)};
      for (const ForgeMethod& method : methods)
        row.push_back(root / frame_file(fake_folder(method, target, source), 0));
      rows.push_back(row);
    }
  }
  folder.write("preview.png", encode_png(contact_sheet(rows)));
}

}  // namespace

CorpusReport forge_corpus(const fs::path& prepared, const fs::path& out, const CorpusOptions& options) {
  Staging staging(out, options.replace);
  const std::vector<Person> people = read_people(prepared);
  const Writer writer(staging, people, options);
  const std::array<SplitPairs, 3> splits = pair_people(people, options.seed);

  CorpusReport report;
  std::vector<std::pair<int, int>> pairs;
  for (size_t s = 0; s < splits.size(); ++s) {
    report.pairs[s] = int(splits[s].pairs.size());
    pairs.insert(pairs.end(), splits[s].pairs.begin(), splits[s].pairs.end());
  }
  const size_t frames = size_t(options.frames);
  std::vector<std::vector<Written>> parts(pairs.size() * frames);
  parallel_for(parts.size(), options.threads, [&](size_t i) {
    const auto [a, b] = pairs[i / frames];
    parts[i] = writer.write_frame(a, b, int(i % frames));
  });

  std::vector<Written> images;
  for (const std::vector<Written>& part : parts) images.insert(images.end(), part.begin(), part.end());
  std::ranges::sort(images, {}, &Written::path);
  std::string sums;
  for (const Written& image : images) sums += image.hash + "  " + image.path + "\n";
  report.people = int(2 * pairs.size()), report.left_out = int(people.size()) - report.people;
  report.images = int(images.size());

  Json manifest;
  manifest["made_by"] = std::string("realcentric ") + kVersion + " data forge";
  manifest["options"] = {{"frames", options.frames},
                         {"strength", options.strength},
                         {"seed", options.seed},
                         {"quality", options.quality},
                         {"size", options.size}};
  for (const ForgeMethod& method : writer.methods()) manifest["methods"].push_back(method.name);
  for (size_t s = 0; s < splits.size(); ++s) manifest["pairs"][splits[s].name] = report.pairs[s];
  manifest["images"] = report.images;
  manifest["licence"] = licence_of(prepared);
  manifest["sha256sums"] = sha256(sums);  // of SHA256SUMS
  for (size_t i = 0; i < people.size(); ++i) manifest["people"][number(int(i))] = people[i].id;

  write_splits(staging, splits);
  copy_licence(prepared, staging);
  staging.write("SHA256SUMS", sums);  // of the images, as sha256sum -c reads it
  staging.write("manifest.json", manifest.dump(1) + "\n");
  write_preview(staging, splits[2], writer.methods());
  staging.commit();
  return report;
}

}  // namespace rc
