// realcentric data stats: how many videos of which kind.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "data/statistics.h"
#include "tools/command.h"
#include "tools/data_survey.h"
#include "tools/index_flags.h"
#include "train/table.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string path;
  ReadOptions read;
  bool json = false;
};

constexpr const char* kSplits[] = {"train", "val", "test"};

// A row a method, a column a split: "720 (23,040)", videos and frames.
Table counts(const Statistics& s) {
  Table table({"set", "class", "method", "comp", "train", "val", "test", "videos", "files"});
  using Row = std::map<std::string, const Statistics::Group*>;
  std::map<std::string, size_t> sums;
  size_t videos = 0, files = 0;
  for (size_t i = 0; i < s.groups.size();) {
    const Statistics::Group& first = s.groups[i];
    Row row;
    size_t of_row = 0, files_of_row = 0;
    for (; i < s.groups.size(); ++i) {
      const Statistics::Group& group = s.groups[i];
      if (group.dataset != first.dataset || group.method != first.method || group.comp != first.comp ||
          group.label != first.label)
        break;
      row[group.split] = &group;
      sums[group.split] += group.videos, of_row += group.videos, files_of_row += group.frames;
    }
    std::vector<std::string> cells = {first.dataset, first.label ? "fake" : "real", first.method,
                                      first.comp.empty() ? "–" : first.comp};
    for (const char* split : kSplits)
      cells.push_back(row.contains(split) ? std::to_string(row.at(split)->videos) : "–");
    cells.push_back(std::to_string(of_row)), cells.push_back(std::to_string(files_of_row));
    table.add(cells);
    videos += of_row, files += files_of_row;
  }
  table.rule();
  std::vector<std::string> total = {"all", "", "", ""};
  for (const char* split : kSplits) total.push_back(std::to_string(sums[split]));
  total.push_back(std::to_string(videos)), total.push_back(std::to_string(files));
  table.add(total);
  return table;
}

Table frames(const Statistics& s) {
  Table table({"frames a video", "videos", "least", "25 %", "median", "75 %", "most"});
  for (const int label : {0, 1}) {
    const Statistics::Frames& f = s.frames[label];
    if (f.videos == 0) continue;
    std::vector<std::string> cells = {label ? "fake" : "real"};
    for (const size_t n : {f.videos, f.least, f.quarter, f.half, f.three_quarters, f.most})
      cells.push_back(std::to_string(n));
    table.add(cells);
  }
  return table;
}

Table kinds(const Statistics& s) {
  constexpr size_t kShown = 8;
  Table table({"first frames", "size", "real", "fake"});
  for (size_t i = 0; i < std::min(s.kinds.size(), kShown); ++i) {
    const Statistics::Kind& kind = s.kinds[i];
    table.add({kind.format, kind.size.empty() ? "–" : kind.size, std::to_string(kind.real),
               std::to_string(kind.fake)});
  }
  if (s.kinds.size() > kShown) {
    size_t real = 0, fake = 0;
    for (size_t i = kShown; i < s.kinds.size(); ++i) real += s.kinds[i].real, fake += s.kinds[i].fake;
    table.add({std::to_string(s.kinds.size() - kShown) + " others", "", std::to_string(real),
               std::to_string(fake)});
  }
  return table;
}

Json to_json(const Index& index, const Statistics& s) {
  Json groups = Json::array(), kinds = Json::array(), frames = Json::object();
  for (const auto& g : s.groups)
    groups.push_back({{"dataset", g.dataset},
                      {"split", g.split},
                      {"label", g.label},
                      {"method", g.method},
                      {"comp", g.comp},
                      {"videos", g.videos},
                      {"files", g.frames}});
  for (const auto& k : s.kinds)
    kinds.push_back({{"format", k.format}, {"size", k.size}, {"real", k.real}, {"fake", k.fake}});
  for (const int label : {0, 1}) {
    const Statistics::Frames& f = s.frames[label];
    if (f.videos > 0)
      frames[label ? "fake" : "real"] = {{"videos", f.videos},
                                         {"least", f.least},
                                         {"quarter", f.quarter},
                                         {"half", f.half},
                                         {"three_quarters", f.three_quarters},
                                         {"most", f.most}};
  }
  return {{"root", index.root.string()},   {"index_sha256", index.hash},
          {"videos", index.videos.size()}, {"groups", groups},
          {"frames_per_video", frames},    {"first_frames", kinds}};
}

void show(const Options& o) {
  const Index index = load_index(o.path, o.read);
  warn_of(index);
  SurveyOptions options;
  options.threads = int(std::max(1u, std::thread::hardware_concurrency()));
  const Survey survey = survey_of(index, options);
  const Statistics s = statistics(index, survey);
  if (o.json) {
    std::printf("%s\n", to_json(index, s).dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    return;
  }
  std::printf("%s\n", counts(s).text().c_str());
  if (s.frames[0].videos + s.frames[1].videos > 0) std::printf("%s\n", frames(s).text().c_str());
  std::printf("%s\nindex sha256 %s\n", kinds(s).text().c_str(), index.hash.c_str());
  if (!survey.missing.empty())
    std::printf("%zu files are missing: realcentric data check %s says which\n", survey.missing.size(),
                o.path.c_str());
}

}  // namespace

void add_data_stats(CLI::App& data) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      data.add_subcommand("stats", "Count videos and frames by split, class, method, compression, size");
  command->add_option("path", options->path, "Data set: its folder, or an index of it")->required();
  command->add_flag("--json", options->json, "Print the counts as JSON");
  add_index_flags(*command, options->read);
  command->callback([options] { show(*options); });
}

}  // namespace rc
