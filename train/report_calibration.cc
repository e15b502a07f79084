#include "train/report_calibration.h"

#include "train/html.h"
#include "train/table.h"

namespace rc {

using Json = nlohmann::ordered_json;

std::string calibration_card(const ReportedSet& set) {
  const Json& frames = set.results.at("all").at("frames");
  const Json bins = frames.value("reliability", Json::array());
  if (bins.empty()) return {};
  Series share{"share of fakes", {}, 1}, part{"share of all frames", {}, 3};
  const double count = json_number(frames.at("count"));
  for (const Json& bin : bins) {
    const double score = json_number(bin.at("mean_score"));
    share.points.emplace_back(score, json_number(bin.at("fake_share")));
    part.points.emplace_back(score, json_number(bin.at("count")) / count);
  }
  std::string errors;
  for (const auto& [key, name] : {std::pair("ece", "expected calibration error"),
                                  {"brier", "Brier score"},
                                  {"nll", "negative log-likelihood"}})
    if (frames.contains(key))
      errors +=
          std::string(errors.empty() ? " Here: " : ", ") + name + " " + fixed(json_number(frames.at(key)), 4);
  return html_card(
      "Calibration of frames",
      line_chart({share, part}, {"mean P(fake) of a bin", 0, 1}, {"share", 0, 1}, {500, 420, true}) +
          html_tag("p class=\"note\"", "On the dashed line P(fake) is the share of fakes." + errors));
}

}  // namespace rc
