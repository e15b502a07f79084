#include "train/predictions.h"

#include <charconv>
#include <cmath>

#include "engine/error.h"
#include "engine/file.h"
#include "train/row.h"

namespace rc {
namespace {

Row row_of(const FramePrediction& p) {
  // A logit's text is the float's own; P(fake) is a double.
  return {{"dataset", p.dataset},
          {"split", p.split},
          {"video", p.video},
          {"frame", int64_t(p.frame)},
          {"path", p.path},
          {"label", int64_t(p.label)},
          {"method", p.method},
          {"prob_fake", p.prob_fake},
          {"logit0", number_text(p.logit0)},
          {"logit1", number_text(p.logit1)},
          {"real_distance", std::isnan(p.real_distance) ? "" : number_text(p.real_distance)}};
}

Row row_of(const VideoPrediction& v) {
  return {{"dataset", v.dataset},
          {"video", v.video},
          {"label", int64_t(v.label)},
          {"method", v.method},
          {"n_frames", int64_t(v.n_frames)},
          {"prob_fake", v.prob_fake}};
}

template <class Prediction>
std::string csv_of(std::span<const Prediction> predictions) {
  std::string text = csv_header(row_of(Prediction()));
  for (const Prediction& p : predictions) text += csv_line(row_of(p));
  return text;
}

template <class Number>
bool parse(const std::string& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string predictions_header() { return csv_header(row_of(FramePrediction())); }
std::string predictions_line(const FramePrediction& frame) { return csv_line(row_of(frame)); }
std::string predictions_csv(std::span<const FramePrediction> frames) { return csv_of(frames); }
std::string videos_csv(std::span<const VideoPrediction> videos) { return csv_of(videos); }

std::vector<FramePrediction> read_predictions(const std::filesystem::path& file) {
  const auto rows = parse_csv(read_file(file), file.string());
  const auto header = parse_csv(predictions_header(), "header")[0];
  const auto damaged = [&](size_t row, const std::string& why) {
    return Error(Exit::data, "damaged file " + file.string(), "row " + std::to_string(row + 1) + ": " + why,
                 "evaluate again");
  };
  if (rows.empty() || rows[0] != header) throw damaged(0, "not the columns of predictions.csv");
  std::vector<FramePrediction> out;
  for (size_t r = 1; r < rows.size(); ++r) {
    const auto& cell = rows[r];
    if (cell.size() != header.size()) throw damaged(r, "another number of columns");
    FramePrediction p{cell[0], cell[1], cell[2], 0, cell[4], 0, cell[6]};
    if (!parse(cell[3], p.frame) || !parse(cell[5], p.label) || !parse(cell[7], p.prob_fake) ||
        !parse(cell[8], p.logit0) || !parse(cell[9], p.logit1) ||
        (!cell[10].empty() && !parse(cell[10], p.real_distance)))
      throw damaged(r, "not a number");
    out.push_back(std::move(p));
  }
  return out;
}

}  // namespace rc
