#include "train/ablation_table.h"

#include <algorithm>
#include <cmath>

#include "train/row.h"

namespace rc {
namespace {

std::string signed_text(double x) { return (x < 0 ? "" : "+") + fixed(x, 4); }

std::string spread(const AblationFigure& f) {
  const std::string mean = fixed(f.mean(), 4);
  return f.seeds.size() < 2 ? mean : mean + " (" + fixed(f.least(), 4) + "–" + fixed(f.greatest(), 4) + ")";
}

std::string difference_cell(const AblationFigure& f) {
  return f.difference ? difference_text(*f.difference) : "–";
}

const AblationRow* row_of(const AblationPlan& plan, const std::string& id) {
  const auto found = std::ranges::find(plan.rows, id, [](const AblationRow& row) { return row.cell->id; });
  return found == plan.rows.end() ? nullptr : &*found;
}

std::string note_of(const AblationRow& row, const AblationResults& results,
                    const std::map<std::string, std::string>& failures) {
  if (!row.problem.empty()) return "not run: " + row.problem;
  std::string note, waiting;
  const auto add = [&](const std::string& text) { note += (note.empty() ? "" : "; ") + text; };
  if (row.shares != row.cell->id) add("same settings as " + row.shares + ", whose runs these are");
  for (const std::string& run : row.runs) {
    const auto failure = failures.find(run);
    if (failure != failures.end())
      add(run + " failed: " + failure->second);
    else if (!results.has(run))
      waiting += " " + run;
  }
  if (!waiting.empty()) add("not finished:" + waiting);
  return note;
}

std::string csv_row(const AblationLine& line, const std::string& figure, const std::string& level,
                    const AblationFigure& f) {
  std::string seeds;
  for (double x : f.seeds) seeds += (seeds.empty() ? "" : " ") + number_text(x);
  const auto [low, high] = f.ci.value_or(Interval{NAN, NAN});
  const PairedDifference d = f.difference.value_or(PairedDifference{NAN, {NAN, NAN}});
  return csv_line({{"cell", line.cell->id},
                   {"title", line.cell->title},
                   {"figure", figure},
                   {"level", level},
                   {"mean", f.mean()},
                   {"least", f.least()},
                   {"greatest", f.greatest()},
                   {"low", low},
                   {"high", high},
                   {"difference", d.difference},
                   {"difference_low", d.ci.low},
                   {"difference_high", d.ci.high},
                   {"verdict", std::string(!f.difference      ? ""
                                           : !d.shown()       ? "no difference shown"
                                           : d.difference > 0 ? "better"
                                                              : "worse")},
                   {"seeds", seeds}});
}

}  // namespace

AblationTable ablation_table(const AblationPlan& plan, AblationResults& results, const std::string& baseline,
                             const std::map<std::string, std::string>& failures) {
  AblationTable table{baseline, results.perturbed_kinds(), {}};
  const AblationRow* base = row_of(plan, baseline);
  for (const AblationRow& row : plan.rows)
    table.lines.push_back(
        {row.cell, results.cell(row, base ? *base : AblationRow()), note_of(row, results, failures)});
  return table;
}

std::string difference_text(const PairedDifference& d) {
  return signed_text(d.difference) + " [" + signed_text(d.ci.low) + ", " + signed_text(d.ci.high) + "]" +
         (d.shown() ? "" : " no difference shown");
}

Table ablation_figures(const AblationTable& table) {
  std::vector<std::string> header = {"cell", "seeds", "AUC", "videoAUC"};
  if (!table.kinds.empty()) header.insert(header.end(), {"interference", "its videoAUC"});
  for (const PerturbationKind* kind : table.kinds) header.push_back(kind->name);
  Table out(header);
  for (const AblationLine& line : table.lines) {
    const AblationCellResult& r = line.result;
    std::vector<std::string> cells = {line.cell->id, std::to_string(r.frames.seeds.size()), spread(r.frames),
                                      spread(r.videos)};
    if (!table.kinds.empty())
      cells.insert(cells.end(), {spread(r.perturbed_frames), spread(r.perturbed_videos)});
    for (size_t k = 0; k < table.kinds.size(); ++k)
      cells.push_back(k < r.kinds.size() ? fixed(r.kinds[k].mean(), 4) : "–");
    out.add(cells);
  }
  return out;
}

Table ablation_differences(const AblationTable& table) {
  std::vector<std::string> header = {"cell − " + table.baseline, "AUC", "videoAUC"};
  if (!table.kinds.empty()) header.insert(header.end(), {"interference", "its videoAUC"});
  Table out(header);
  for (const AblationLine& line : table.lines) {
    if (line.cell->id == table.baseline) continue;
    const AblationCellResult& r = line.result;
    std::vector<std::string> cells = {line.cell->id, difference_cell(r.frames), difference_cell(r.videos)};
    if (!table.kinds.empty())
      cells.insert(cells.end(), {difference_cell(r.perturbed_frames), difference_cell(r.perturbed_videos)});
    out.add(cells);
  }
  return out;
}

std::string ablation_notes(const AblationTable& table) {
  std::string text;
  for (const AblationLine& line : table.lines)
    if (!line.note.empty()) text += line.cell->id + ": " + line.note + "\n";
  return text;
}

std::string ablation_csv(const AblationTable& table) {
  std::string text =
      "cell,title,figure,level,mean,least,greatest,low,high,difference,difference_low,difference_high,"
      "verdict,seeds\n";
  for (const AblationLine& line : table.lines) {
    const AblationCellResult& r = line.result;
    text += csv_row(line, "clean", "frames", r.frames) + csv_row(line, "clean", "videos", r.videos);
    if (table.kinds.empty()) continue;
    text += csv_row(line, "interference", "frames", r.perturbed_frames) +
            csv_row(line, "interference", "videos", r.perturbed_videos);
    for (size_t k = 0; k < r.kinds.size(); ++k)
      text += csv_row(line, table.kinds[k]->name, "frames", r.kinds[k]);
  }
  return text;
}

std::string ablation_markdown(const AblationTable& table,
                              const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string text =
      "# Ablation\n\nThe method is a reconstruction of real-centric consistency learning (arXiv 2205.07201) "
      "from "
      "its abstract;\nno table of the paper is reproduced here.\n\n";
  for (const auto& [name, value] : facts) text += "- " + name + ": " + value + "\n";
  text +=
      "\n![AUC of each cell and its difference to " + table.baseline + "](ablation.svg)\n\n## Figures\n\n" +
      ablation_figures(table).markdown() +
      "\nAUC of frames and of videos on the clean set, then the mean over kinds of interference of the mean "
      "over their levels, then\neach kind alone (frames). Mean over seeds (least–greatest).\n\n## "
      "Differences to " +
      table.baseline + "\n\n" + ablation_differences(table).markdown() +
      "\nMean over the seeds that both have, with the 95 % interval of a paired bootstrap over videos; where "
      "it "
      "holds 0, no difference\nis shown. The interval speaks of the choice of test videos; how far training "
      "strays is seen in the seeds. Each interval is\nfor one comparison: of 20 cells that do not differ, "
      "one "
      "is expected to seem so.\n\n## Cells\n\n";
  for (const AblationLine& line : table.lines) {
    text += "- **" + line.cell->id + "** " + line.cell->title + ":";
    for (const auto& [key, value] : line.cell->settings) text += " `" + key + "=" + value + "`";
    text += line.note.empty() ? "\n" : "; " + line.note + "\n";
  }
  return text;
}

}  // namespace rc
