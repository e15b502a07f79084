// A table of one's own: path,label[,video,method,split,target,source], a row a frame, a video file or a
// folder of frames.
#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "data/csv.h"
#include "data/labels.h"
#include "data/layout.h"
#include "data/listing.h"
#include "data/path_map.h"
#include "engine/error.h"
#include "engine/file.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 7> kColumns = {"path",  "label",  "video", "method",
                                                      "split", "target", "source"};

// Where each of kColumns stands in the rows; -1 where it is left out.
std::array<int, 7> columns_of(const std::vector<std::string>& header, const std::string& name) {
  std::array<int, 7> at;
  at.fill(-1);
  for (size_t i = 0; i < header.size(); ++i) {
    const auto known = std::ranges::find(kColumns, header[i]);
    if (known == kColumns.end() || at[size_t(known - kColumns.begin())] >= 0)
      throw Error(Exit::data, "no column \"" + header[i] + "\" of a data set, or twice, in " + name, "",
                  "the header is path,label[,video,method,split,target,source]");
    at[size_t(known - kColumns.begin())] = int(i);
  }
  if (at[0] < 0 || at[1] < 0)
    throw Error(Exit::data, "no column path or label in " + name, "",
                "the header is path,label[,video,method,split,target,source]");
  return at;
}

}  // namespace

bool is_csv(const fs::path& file, const ReadOptions&) {
  return lower_case(file.extension().string()) == ".csv";
}

Found read_csv(const fs::path& file, const ReadOptions& options) {
  constexpr uint64_t kLimit = uint64_t(1) << 30;
  std::string text = read_file(file, kLimit);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // spreadsheets write a byte order mark
  const auto rows = parse_csv(text, file.string());
  if (rows.size() < 2) throw Error(Exit::data, "no rows in " + file.string());
  const std::array<int, 7> at = columns_of(rows[0], file.string());
  const Labels labels(options.labels);
  const PathMap map(options.path_maps);
  const fs::path root = options.root.empty() ? file.parent_path() : fs::path(options.root);

  std::map<std::tuple<std::string, int, std::string, std::string>, Video>
      videos;  // by (split, label, method, id)
  Found found;
  for (size_t i = 1; i < rows.size(); ++i) {
    const auto refuse = [&](const std::string& why) {
      return Error(Exit::data, "bad row in " + file.string() + ":" + std::to_string(i + 1), why);
    };
    if (rows[i].size() == 1 && rows[i][0].empty()) continue;
    if (rows[i].size() != rows[0].size())
      throw refuse(std::to_string(rows[i].size()) + " fields, the header has " +
                   std::to_string(rows[0].size()));
    const auto field = [&](size_t column) {
      return at[column] < 0 ? std::string() : rows[i][size_t(at[column])];
    };
    Video row;
    const std::string path = with_slashes(field(0)), split = lower_case(field(4));
    const auto label = field(1) == "0" ? 0 : field(1) == "1" ? 1 : labels.of_class(field(1));
    if (path.empty()) throw refuse("no path");
    if (!label) throw refuse("label \"" + field(1) + "\" is not 0, 1, real or fake");
    if (!split.empty() && split != "train" && split != "val" && split != "test")
      throw refuse("split \"" + field(4) + "\" is not train, val or test");
    row.dataset = file.stem().string(), row.label = *label, row.split = split;
    row.id =
        field(2).empty() ? (fs::path(path).parent_path() / fs::path(path).stem()).generic_string() : field(2);
    row.method = row.label == 0 ? "real" : field(3).empty() ? "fake" : field(3);
    row.target = row.label == 0 && field(5).empty() && at[5] >= 0 ? row.id : field(5), row.source = field(6);

    std::vector<std::string> frames = {path};
    std::error_code missing;
    if (const std::string here = map(path); fs::is_directory(root / here, missing)) {
      frames.clear();
      for (const std::string& image : images_in(root / here)) frames.push_back(path + "/" + image);
      if (frames.empty()) {
        found.skipped.push_back(path);
        continue;
      }
    }
    const auto [video, fresh] = videos.try_emplace({row.split, row.label, row.method, row.id}, row);
    if (!fresh && (video->second.target != row.target || video->second.source != row.source))
      throw refuse("video \"" + row.id + "\" has another target or source in a row above");
    auto& all = video->second.frames;
    all.insert(all.end(), frames.begin(), frames.end());
  }
  for (auto& [key, video] : videos) {
    std::ranges::sort(video.frames, natural_less);
    found.videos.push_back(std::move(video));
  }
  if (found.videos.empty()) throw Error(Exit::data, "no videos in " + file.string());
  return found;
}

}  // namespace rc
