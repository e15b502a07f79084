#include "train/ablation_cells.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/nearest.h"

namespace rc {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

Settings operator+(Settings a, const Settings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Group {
  std::string name;
  std::vector<std::string> cells;
};

const std::vector<Group>& groups() {
  static const std::vector<Group> all = {
      {"main", {"A0", "A0p", "A1", "A2", "A3", "A4", "A5", "A6"}},
      {"leave-one-out", {"A6", "A6-pairing", "A6-margin", "A6-hp", "A6-hn"}},
      {"variants", {"A3a", "A3b", "A4a", "A4b", "A4c", "A4d", "A5a", "A5b", "A5c", "A5d"}},
      {"controls", {"C1", "C2"}},
  };
  return all;
}

std::vector<std::string> cells_of(const std::string& word) {
  std::vector<std::string> known = {"all"}, ids;
  for (const AblationCell& cell : ablation_cells()) ids.push_back(cell.id);
  if (word == "all") return ids;
  for (const Group& group : groups()) {
    if (word == group.name) return group.cells;
    known.push_back(group.name);
  }
  if (std::ranges::find(ids, word) != ids.end()) return {word};
  known.insert(known.end(), ids.begin(), ids.end());
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  const std::string near = nearest(word, known);
  throw Error(Exit::usage, "unknown cell \"" + word + "\"", "--cells",
              (near.empty() ? "" : "did you mean \"" + near + "\"? ") + ("there are " + list));
}

}  // namespace

std::span<const AblationCell> ablation_cells() {
  const Settings full = {{"loss.objective", "full"}}, ce = {{"loss.objective", "ce"}},
                 tuples = {{"sampler.pairing", "tuple"}}, balanced = {{"sampler.pairing", "balanced"}},
                 no_margin = {{"loss.margin", "0"}}, no_hp = {{"loss.hard_positive_share", "0"}},
                 no_hn = {{"loss.hard_negatives", "0"},
                          {"loss.fused_pairs", "0"},
                          {"loss.fused_centre", "0"}},
                 at_once = {{"loss.warmup_share", "0"}};
  const Settings a3 = full + tuples + no_hp + no_hn, a4 = full + tuples + no_hn, a5 = full + tuples + no_hp,
                 a6 = full + tuples;
  // clang-format off
  static const std::vector<AblationCell> cells = {
      {"A0", "cross-entropy, balanced batches", ce + balanced},
      {"A0p", "cross-entropy, forgery tuples", ce + tuples},
      {"A1", "contrastive without margin, balanced batches", full + balanced + no_margin + no_hp + no_hn},
      {"A2", "A1 with forgery tuples", full + tuples + no_margin + no_hp + no_hn},
      {"A3", "A2 with the margin", a3},
      {"A3a", "A3, margin on the angle", a3 + Settings{{"loss.margin_type", "arc"}}},
      {"A3b", "A3, form D2", a3 + Settings{{"loss.form", "D2"}}},
      {"A4", "A3 with hard positives", a4},
      {"A4a", "A4, hard positives as anchors", a4 + Settings{{"loss.hard_positive_role", "anchor"}}},
      {"A4b", "A4, hard positives detached", a4 + Settings{{"loss.hard_positive_grad", "detach"}}},
      {"A4c", "A4, geodesic extrapolation", a4 + Settings{{"loss.extrapolation", "geodesic"}}},
      {"A4d", "A4, hard positives of both classes", a4 + Settings{{"loss.hard_positive_classes", "both"}}},
      {"A5", "A3 with fused hard negatives", a5},
      {"A5a", "A5, fused negatives detached", a5 + Settings{{"loss.hard_negative_grad", "detach"}}},
      {"A5b", "A5, fused in pairs alone", a5 + Settings{{"loss.fused_centre", "0"}}},
      {"A5c", "A5, fused with the centre alone", a5 + Settings{{"loss.fused_pairs", "0"}}},
      {"A5d", "A5, hard set of each anchor", a5 + Settings{{"loss.hard_set", "anchor"}}},
      {"A6", "full objective", a6},
      {"A6-pairing", "A6 without forgery tuples", full + balanced},
      {"A6-margin", "A6 without the margin", a6 + no_margin},
      {"A6-hp", "A6 without hard positives", a6 + no_hp},
      {"A6-hn", "A6 without fused negatives", a6 + no_hn},
      {"C1", "control: single-centre loss, balanced", Settings{{"loss.objective", "scl"}} + balanced + at_once},
      {"C2", "control: consistency of two views, balanced", Settings{{"loss.objective", "core"}} + balanced + at_once},
  };
  // clang-format on
  return cells;
}

std::vector<const AblationCell*> parse_ablation_cells(std::string_view text) {
  std::vector<std::string> wanted;
  for (size_t at = 0, end; at <= text.size(); at = end + 1) {
    end = std::min(text.find(',', at), text.size());
    for (std::string& id : cells_of(std::string(text.substr(at, end - at)))) wanted.push_back(std::move(id));
  }
  std::vector<const AblationCell*> out;
  for (const AblationCell& cell : ablation_cells())
    if (std::ranges::find(wanted, cell.id) != wanted.end()) out.push_back(&cell);
  return out;
}

}  // namespace rc
