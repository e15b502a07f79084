// realcentric data check: whether a data set is what it should be.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "data/check.h"
#include "data/official_counts.h"
#include "engine/error.h"
#include "tools/command.h"
#include "tools/data_survey.h"
#include "tools/index_flags.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;
using Result = Finding::Result;

struct Options {
  std::string path, expected;
  ReadOptions read;
  SurveyOptions survey;
  bool json = false;
};

const char* word(Result result) {
  return result == Result::ok ? "ok" : result == Result::warning ? "warning" : "FAILED";
}

void print(const std::vector<Finding>& findings) {
  size_t width = 0;
  for (const Finding& finding : findings) width = std::max(width, finding.subject.size());
  for (const Finding& finding : findings) {
    std::printf("%-7s  %-*s  %s\n", word(finding.result), int(width), finding.subject.c_str(),
                finding.text.c_str());
    for (const std::string& example : finding.examples)
      std::printf("         %-*s    %s\n", int(width), "", example.c_str());
  }
}

Json to_json(const Index& index, const std::vector<Finding>& findings, bool passed) {
  Json list = Json::array();
  for (const Finding& finding : findings)
    list.push_back({{"subject", finding.subject},
                    {"result", finding.result == Result::failed ? "failed" : word(finding.result)},
                    {"text", finding.text},
                    {"examples", finding.examples}});
  return {{"root", index.root.string()},
          {"index_sha256", index.hash},
          {"videos", index.videos.size()},
          {"passed", passed},
          {"findings", list}};
}

void check_set(const Options& o) {
  const Index index = load_index(o.path, o.read);
  warn_of(index);
  if (!o.expected.empty())
    deviations(index, o.expected);  // an unknown name is an error now, not after an hour
  const std::vector<Finding> findings = check_data(index, survey_of(index, o.survey), o.survey, o.expected);
  const auto count = [&](Result result) {
    return std::ranges::count_if(findings, [&](const Finding& finding) { return finding.result == result; });
  };
  const auto failed = count(Result::failed), warned = count(Result::warning);
  if (o.json)
    std::printf(
        "%s\n",
        to_json(index, findings, failed == 0).dump(2, ' ', false, Json::error_handler_t::replace).c_str());
  else
    print(findings);
  std::fflush(stdout);
  if (failed > 0)
    throw Error(Exit::check,
                std::to_string(failed) + " of " + std::to_string(findings.size()) + " checks failed", o.path,
                "the lines above that say FAILED");
  if (!o.json)
    std::printf("%s\n",
                warned == 0
                    ? "nothing to complain of"
                    : (std::to_string(warned) + " to think about, none that voids a measurement").c_str());
}

}  // namespace

void add_data_check(CLI::App& data) {
  std::string sets;
  for (const std::string& set : official_sets()) sets += (sets.empty() ? "" : ", ") + set;
  const auto options = std::make_shared<Options>();
  CLI::App* command = data.add_subcommand(
      "check", "Look for what is missing, broken, in two splits, or tells real from fake without a face");
  command->add_option("path", options->path, "Data set: its folder, or an index of it")->required();
  command->add_flag("--decode", options->survey.decode,
                    "Decode every file and look for duplicates, not only its beginning");
  command->add_flag("--duplicates", options->survey.hash, "Look for files of the same bytes");
  command->add_option("--expect", options->expected, "Compare with the published numbers of a set: " + sets)
      ->type_name("SET");
  command->add_option("-j,--workers", options->survey.threads, "Threads that look at files")
      ->check(CLI::Range(1, 256))
      ->default_val(std::max(1u, std::thread::hardware_concurrency()));
  command->add_flag("--json", options->json, "Print the findings as JSON");
  add_index_flags(*command, options->read);
  command->callback([options] {
    options->survey.hash |= options->survey.decode;
    check_set(*options);
  });
}

}  // namespace rc
