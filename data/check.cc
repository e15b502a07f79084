#include "data/check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "data/official_counts.h"
#include "data/one_sided.h"
#include "data/video_entry.h"

namespace rc {
namespace {

using Result = Finding::Result;

constexpr size_t kExamples = 5;

std::string counted(size_t n, const std::string& of) {
  return std::to_string(n) + " " + of + (n == 1 ? "" : "s");
}

Finding of_list(const std::string& subject, Result result, const std::string& text,
                const std::vector<std::string>& all) {
  std::vector<std::string> some(all.begin(), all.begin() + std::ptrdiff_t(std::min(all.size(), kExamples)));
  if (all.size() > kExamples) some.push_back("and " + std::to_string(all.size() - kExamples) + " more");
  return {subject, result, text, std::move(some)};
}

std::string name_of(const Video& video) { return video.split + " " + video.method + "/" + video.id; }

Finding numbers(const Index& index, const std::string& expected) {
  std::vector<std::string> wrong = deviations(index, expected);
  if (wrong.empty()) return {"numbers", Result::ok, "as published: " + expected, {}};
  return {"numbers", Result::failed, "not as published: " + expected, std::move(wrong)};
}

Finding classes(const Index& index) {
  std::map<std::string, std::set<int>> there;
  for (const Video& video : index.videos) there[video.split].insert(video.label);
  std::string splits;
  for (const auto& [split, labels] : there) {
    if (labels.size() == 1)
      return {"classes",
              Result::failed,
              "split " + split + " has " + (labels.contains(0) ? "no fake" : "no real") +
                  " videos: nothing can be measured there",
              {}};
  }
  for (const char* split : {"train", "val", "test"})
    if (there.contains(split)) splits += (splits.empty() ? "" : ", ") + std::string(split);
  for (const char* split : {"train", "val", "test"})
    if (!there.contains(split))
      return {"classes", Result::warning, "real and fake in " + splits + "; no split " + split, {}};
  return {"classes", Result::ok, "real and fake in " + splits, {}};
}

Finding files(const Index& index, const Survey& survey) {
  size_t all = 0;
  for (const Video& video : index.videos) all += video.frames.size();
  std::vector<std::string> names;
  for (const FileProblem& problem : survey.missing) names.push_back(problem.path);
  const std::string root = index.root.empty() ? "." : index.root.string();
  const char* hint = names.size() == all ? ": --data-root and --path-map say where they are" : "";
  if (!names.empty())
    return of_list(
        "files", Result::failed,
        std::to_string(names.size()) + " of " + counted(all, "file") + " missing in " + root + hint, names);
  return {"files", Result::ok, "all " + counted(all, "file") + " are there", {}};
}

Finding pictures(const Survey& survey, const SurveyOptions& options) {
  std::vector<std::string> names;
  for (const FileProblem& problem : survey.unreadable) names.push_back(problem.path + ": " + problem.why);
  if (!names.empty())
    return of_list("pictures", Result::failed, counted(names.size(), "file") + " cannot be read", names);
  if (!survey.not_decoded.empty())
    return {"pictures", Result::warning, "video files were not looked into: " + survey.not_decoded, {}};
  if (std::ranges::all_of(survey.appearances, [](const Appearance& seen) { return seen.format.empty(); }))
    return {"pictures", Result::warning, "there is none to look at", {}};
  return {"pictures",
          Result::ok,
          options.decode ? "every file decodes"
                         : "the first of each video begins as a picture does; --decode reads all",
          {}};
}

// The same bytes under two labels, or in two splits, void a measurement; elsewhere they are waste.
Finding twins(const Index& index, const Survey& survey) {
  std::vector<std::string> torn, waste;
  for (const Twins& twin : survey.twins) {
    const Video &a = index.videos[twin.a], &b = index.videos[twin.b];
    const std::string text = twin.path_a + " (" + a.split + " " + a.method + ") is " + twin.path_b + " (" +
                             b.split + " " + b.method + ")";
    (a.split != b.split || a.label != b.label ? torn : waste).push_back(text);
  }
  if (!torn.empty())
    return of_list("duplicates", Result::failed,
                   counted(torn.size(), "file") + " twice, in two splits or of two classes", torn);
  if (!waste.empty())
    return of_list("duplicates", Result::warning,
                   counted(waste.size(), "file") + " twice, in one split and class", waste);
  return {"duplicates", Result::ok, "no file twice in different videos", {}};
}

// A video that is listed in two splits, by its first file.
Finding listing(const Index& index) {
  std::map<std::string, const Video*> first;
  std::vector<std::string> twice;
  for (const Video& video : index.videos) {
    const auto [at, fresh] = first.try_emplace(video.frames.front(), &video);
    if (!fresh) twice.push_back(video.frames.front() + ": " + name_of(*at->second) + ", " + name_of(video));
  }
  if (twice.empty()) return {"listing", Result::ok, "every video is listed once", {}};
  return of_list("listing", Result::failed, counted(twice.size(), "video") + " listed twice", twice);
}

// Sets whose own lists tear people apart: there is nothing to mend, but training and testing on them is no
// test.
bool leaks_by_design(const std::string& dataset) { return dataset.starts_with("Celeb-DF"); }

Finding people(const Index& index) {
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::string>>
      seen;  // -> split -> a video
  for (const Video& video : index.videos)
    for (const std::string& who : {video.target, video.source})
      if (!who.empty()) seen[{video.dataset, who}].try_emplace(video.split, name_of(video));
  std::vector<std::string> torn;
  bool by_design = true;
  for (const auto& [who, splits] : seen) {
    if (splits.size() < 2) continue;
    std::string text = who.second + ":";
    for (const auto& [split, video] : splits) text += (text.back() == ':' ? " " : ", ") + video;
    torn.push_back(text);
    by_design &= leaks_by_design(who.first);
  }
  if (torn.empty()) return {"people", Result::ok, "nobody is in two splits", {}};
  return of_list("people", by_design ? Result::warning : Result::failed,
                 std::to_string(torn.size()) + " are in two splits" +
                     (by_design ? ", by the set's own list: train elsewhere, or test elsewhere" : ""),
                 torn);
}

// From here on a detector that looks at nothing else is right so often.
constexpr double kTellsAll = 0.9, kTellsMuch = 0.7;

// How a value is spread over a class: "PNG 320, JPEG 2".
std::string spread(const std::vector<std::string>& values, const std::vector<int>& labels, int label) {
  std::map<std::string, size_t> counts;
  for (size_t i = 0; i < values.size(); ++i)
    if (labels[i] == label) ++counts[values[i]];
  std::vector<std::pair<size_t, std::string>> sorted;
  for (const auto& [value, count] : counts) sorted.emplace_back(count, value);
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text;
  for (size_t i = 0; i < std::min(sorted.size(), size_t(4)); ++i)
    text += (i ? ", " : "") + sorted[i].second + " in " + std::to_string(sorted[i].first);
  return sorted.size() > 4 ? text + ", and " + std::to_string(sorted.size() - 4) + " other values" : text;
}

Finding telltale(const std::string& what, const Telltale& told, Result worst,
                 const std::vector<std::string>& values, const std::vector<int>& labels) {
  const bool much = told.accuracy >= std::max(kTellsMuch, told.chance);
  if (!much)
    return {
        what, Result::ok, told.chance >= 1 ? "too few videos to say" : "does not tell real from fake", {}};
  const bool all = told.accuracy >= kTellsAll;
  return {what,
          all ? worst : Result::warning,
          "alone tells real from fake in " + std::to_string(std::lround(100 * told.accuracy)) +
              " % of cases: a detector may learn that",
          {"real: " + spread(values, labels, 0), "fake: " + spread(values, labels, 1)}};
}

void telltales(const Index& index, const Survey& survey, std::vector<Finding>& findings) {
  std::vector<std::string> extensions, formats, sizes, qualities, counts;
  std::vector<double> quality, count;
  std::vector<int> labels, jpeg_labels;
  for (size_t i = 0; i < index.videos.size(); ++i) {
    const Appearance& seen = survey.appearances[i];
    const int label = index.videos[i].label;
    labels.push_back(label);
    extensions.push_back(seen.extension);
    formats.push_back(seen.format.empty() ? "unknown" : seen.format);
    sizes.push_back(seen.width ? std::to_string(seen.width) + "x" + std::to_string(seen.height) : "unknown");
    count.push_back(double(index.videos[i].frames.size()));
    counts.push_back(std::to_string(index.videos[i].frames.size()) + " frames");
    if (seen.jpeg_quality == 0) continue;
    jpeg_labels.push_back(label);
    quality.push_back(seen.jpeg_quality);
    qualities.push_back("quality " + std::to_string(seen.jpeg_quality));
  }
  findings.push_back(
      telltale("extension", telltale_of_names(extensions, labels), Result::failed, extensions, labels));
  findings.push_back(telltale("format", telltale_of_names(formats, labels), Result::failed, formats, labels));
  findings.push_back(telltale("size", telltale_of_names(sizes, labels), Result::failed, sizes, labels));
  if (!quality.empty())
    findings.push_back(telltale("JPEG quality", telltale_of_numbers(quality, jpeg_labels), Result::failed,
                                qualities, jpeg_labels));
  // What is drawn from a video is the same number for all: a warning at most.
  findings.push_back(
      telltale("frames a video", telltale_of_numbers(count, labels), Result::warning, counts, labels));
}

// Fewer frames than protocols draw from a video, 32, or than most here have where that is less.
Finding shortage(const Index& index) {
  std::vector<size_t> counts;
  for (const Video& video : index.videos)
    if (!is_video_file(video)) counts.push_back(video.frames.size());
  if (counts.empty()) return {"shortage", Result::ok, "video files are not counted", {}};
  std::ranges::nth_element(counts, counts.begin() + std::ptrdiff_t(counts.size() / 2));
  const size_t enough = std::min(size_t(32), counts[counts.size() / 2]);
  std::vector<std::string> few;
  for (const Video& video : index.videos)
    if (!is_video_file(video) && video.frames.size() < enough)
      few.push_back(name_of(video) + ": " + std::to_string(video.frames.size()));
  if (few.empty())
    return {"shortage", Result::ok, "every video has " + counted(enough, "frame") + " or more", {}};
  return of_list("shortage", Result::warning,
                 counted(few.size(), "video") + " of fewer than " + counted(enough, "frame"), few);
}

Finding left_out(const Index& index) {
  return of_list("left out", Result::warning, counted(index.skipped.size(), "folder") + " without any image",
                 index.skipped);
}

Finding pairs(const Index& index) {
  std::set<std::tuple<std::string, std::string, std::string>> reals;
  for (const Video& video : index.videos)
    if (video.label == 0) reals.emplace(video.dataset, video.split, video.id);
  size_t fakes = 0, paired = 0;
  for (const Video& video : index.videos) {
    fakes += video.label == 1;
    paired += video.label == 1 && reals.contains({video.dataset, video.split, video.target}) &&
              reals.contains({video.dataset, video.split, video.source});
  }
  const std::string text = std::to_string(paired) + " of " + counted(fakes, "fake") +
                           " have target and source among the real videos of their split";
  return {"pairs",
          paired == 0 ? Result::warning : Result::ok,
          paired == 0 ? text + ": batches will be balanced, not tuples" : text,
          {}};
}

}  // namespace

std::vector<Finding> check_data(const Index& index, const Survey& survey, const SurveyOptions& options,
                                const std::string& expected) {
  std::vector<Finding> findings;
  if (!expected.empty()) findings.push_back(numbers(index, expected));
  findings.push_back(classes(index));
  findings.push_back(files(index, survey));
  findings.push_back(pictures(survey, options));
  if (!index.skipped.empty()) findings.push_back(left_out(index));
  if (options.hash) findings.push_back(twins(index, survey));
  findings.push_back(listing(index));
  findings.push_back(people(index));
  telltales(index, survey, findings);
  findings.push_back(shortage(index));
  findings.push_back(pairs(index));
  return findings;
}

}  // namespace rc
