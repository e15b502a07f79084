#include "train/report_training.h"

#include "train/html.h"

namespace rc {
namespace {

std::string chart(const std::string& title, std::vector<Series> series, const std::string& y) {
  std::erase_if(series, [](const Series& s) { return s.points.empty(); });
  if (series.empty()) return {};
  return html_card(title, line_chart(series, axis_of(series, true, "step"), axis_of(series, false, y), {}));
}

std::vector<Series> coloured(std::vector<Series> series) {
  for (size_t i = 0; i < series.size(); ++i) series[i].colour = series_colour(i);
  return series;
}

std::string section(const std::string& charts) {
  return charts.empty() ? "" : html_tag("h2", "Training") + html_tag("div class=\"columns\"", charts) + "\n";
}

}  // namespace

std::string training_section(const ReportedRun& run) {
  return section(chart("Loss", logged_series(run, {"loss*"}), "loss") +
                 chart("Validation",
                       coloured({epoch_series(run, "val_auc"), epoch_series(run, "val_video_auc")}), "AUC") +
                 chart("Learning rate", logged_series(run, {"lr"}), "lr") +
                 chart("Norm of the gradient", logged_series(run, {"gradient_norm"}), "norm") +
                 chart("Cosine to the centre of natural faces",
                       logged_series(run, {"*_centre_q10", "*_centre_q50", "*_centre_q90"}), "z · c") +
                 chart("Pairs of embeddings",
                       logged_series(run, {"alignment", "negative_cosine", "margin_violations"}),
                       "mean cosine, or share"));
}

std::string training_section(std::span<const ReportedRun> runs) {
  std::vector<Series> loss, cross_entropy, auc;
  for (size_t i = 0; i < runs.size(); ++i) {
    const auto add = [&](std::vector<Series>& to, Series series) {
      series.name = runs[i].name, series.colour = series_colour(i);
      to.push_back(std::move(series));
    };
    for (const Series& s : logged_series(runs[i], {"loss", "loss_ce"}))
      add(s.name == "loss" ? loss : cross_entropy, s);
    add(auc, epoch_series(runs[i], "val_auc"));
  }
  return section(chart("Validation", auc, "AUC of frames") + chart("Loss", loss, "loss") +
                 chart("Cross-entropy", cross_entropy, "loss_ce"));
}

}  // namespace rc
