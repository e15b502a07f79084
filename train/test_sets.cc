#include "train/test_sets.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/file.h"
#include "train/robustness_chart.h"
#include "train/row.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

// The mean of one optional number over the sets.
template <class Get>
std::optional<double> mean_of(std::span<const Evaluation> sets, const Get& get) {
  double sum = 0;
  for (const Evaluation& e : sets) {
    const std::optional<double> x = get(e);
    if (!x) return std::nullopt;
    sum += *x;
  }
  return sum / double(sets.size());
}

// Of frames or of videos.
Metrics mean_metrics(std::span<const Evaluation> sets, Metrics Level::*level) {
  Metrics mean;
  for (const Evaluation& e : sets) {
    const Metrics& m = e.all.*level;
    mean.count += m.count, mean.real += m.real, mean.fake += m.fake;
    if (!m.reason.empty() && mean.reason.empty()) mean.reason = e.dataset + ": " + m.reason;
  }
  for (const auto member : {&Metrics::auc, &Metrics::eer, &Metrics::eer_interp, &Metrics::ap, &Metrics::acc})
    mean.*member = mean_of(sets, [&](const Evaluation& e) { return e.all.*level.*member; });
  for (const auto member : {&Metrics::tdr_1e2, &Metrics::tdr_1e3}) {
    const auto tdr = mean_of(sets, [&](const Evaluation& e) {
      const auto& rate = e.all.*level.*member;
      return rate ? std::optional(rate->tdr) : std::nullopt;
    });
    if (!tdr) continue;
    mean.*member = DetectionRate{*tdr, 0};
    for (const Evaluation& e : sets) (mean.*member)->reals += (e.all.*level.*member)->reals;
  }
  const auto calibration = [&](double Calibration::*number) {
    return mean_of(sets, [&](const Evaluation& e) {
      const auto& c = e.all.*level.*&Metrics::calibration;
      return c ? std::optional((*c).*number) : std::nullopt;
    });
  };
  if (const auto ece = calibration(&Calibration::ece))
    mean.calibration = {*ece, *calibration(&Calibration::brier), *calibration(&Calibration::nll), {}};
  return mean;
}

// "frames auc" of "/all/frames/auc", "A videos eer" of "/methods/A/videos/eer".
std::string words(const std::string& pointer) {
  std::string out;
  for (size_t from = 1; from <= pointer.size();) {
    const size_t end = std::min(pointer.find('/', from), pointer.size());
    const std::string key = pointer.substr(from, end - from);
    if (from > 1 || (key != "all" && key != "methods" && key != "perturbations"))
      out += (out.empty() ? "" : " ") + key;
    from = end + 1;
  }
  return out;
}

std::string text(const std::optional<double>& x) { return x ? number_text(*x) : "null"; }

}  // namespace

Level mean_level(std::span<const Evaluation> sets) {
  return {mean_metrics(sets, &Level::frames), mean_metrics(sets, &Level::videos), std::nullopt, std::nullopt};
}

Json summary_json(std::span<const Evaluation> sets) {
  Json out = Json::object();
  if (!sets.empty() && sets[0].protocol) out["protocol"] = to_json(*sets[0].protocol);
  for (const Evaluation& e : sets) out["sets"][e.dataset] = {{"all", to_json(e.all, false)}};
  out[kMeanOfSets] = to_json(mean_level(sets), false);
  return out;
}

void write_summary(const std::filesystem::path& folder, std::span<const Evaluation> sets) {
  write_file(folder / "summary.json",
             summary_json(sets).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  std::filesystem::remove(folder / "robustness.svg");  // of an earlier evaluation
  if (!sets[0].robustness.levels.empty()) write_file(folder / "robustness.svg", robustness_chart(sets));
}

std::vector<ComparedNumber> compare(const Expectation& expectation, std::span<const Evaluation> sets,
                                    double tolerance) {
  std::map<std::string, Json> results = {{kMeanOfSets, {{"all", to_json(mean_level(sets), false)}}}};
  for (const Evaluation& e : sets) results[e.dataset] = to_json(e);
  std::vector<ComparedNumber> out;
  for (const ExpectedNumber& n : expectation.numbers) {
    ComparedNumber c{n.set, words(n.pointer), n.value, std::nullopt, false};
    const Json& set = results[n.set];  // null where it was not evaluated
    const Json::json_pointer pointer(n.pointer);
    if (set.contains(pointer) && set[pointer].is_number()) c.got = set[pointer].get<double>();
    c.agrees = c.expected && c.got ? std::abs(*c.expected - *c.got) <= tolerance
                                   : c.expected.has_value() == c.got.has_value();
    out.push_back(std::move(c));
  }
  return out;
}

Table comparison_table(std::span<const ComparedNumber> numbers) {
  Table table({"set", "number", "expected", "got", "difference", ""});
  for (const ComparedNumber& c : numbers)
    table.add({c.set, c.what, c.expected ? fixed(*c.expected, 6) : "–", c.got ? fixed(*c.got, 6) : "–",
               c.expected && c.got ? fixed(*c.got - *c.expected, 6) : "–", c.agrees ? "" : "deviates"});
  return table;
}

void demand_agreement(std::span<const ComparedNumber> numbers, const std::string& file, double tolerance) {
  std::string names;
  int deviating = 0;
  for (const ComparedNumber& c : numbers) {
    if (c.agrees) continue;
    ++deviating;
    names += (names.empty() ? "" : "; ") + c.set + " " + c.what + " " + text(c.got) + " instead of " +
             text(c.expected);
  }
  if (deviating > 0)
    throw Error(Exit::check,
                std::to_string(deviating) + " of " + std::to_string(numbers.size()) +
                    " numbers deviate from " + file + " by more than " + number_text(tolerance),
                names);
}

std::vector<std::string> protocol_differences(const Expectation& expectation,
                                              std::span<const Evaluation> sets) {
  const std::string& named = expectation.numbers.front().set;
  const auto set = std::ranges::find(sets, named, &Evaluation::dataset);
  const Json here = to_json(set == sets.end() ? sets.front() : *set)["protocol"];
  const auto text_of = [](const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  std::vector<std::string> out;
  for (const auto& [key, there] : expectation.protocol)
    if (here.contains(key) && text_of(here[key]) != there)
      out.push_back(key + ": " + there + " there, " + text_of(here[key]) + " here");
  return out;
}

}  // namespace rc
