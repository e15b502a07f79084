#include "model/weights/weight_match.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "engine/error.h"
#include "model/weights/published_names.h"

namespace rc {
namespace {

using Names = std::vector<std::string>;

constexpr size_t kMostParts = 8;  // of a prefix: "module.backbone.efficientnet."
constexpr size_t kShown = 4;      // names in a line of the report

std::vector<int64_t> without_ones(const std::vector<int64_t>& shape) {
  std::vector<int64_t> out;
  std::ranges::copy_if(shape, std::back_inserter(out), [](int64_t n) { return n != 1; });
  return out;
}

// fp32 values of a tensor of floating-point numbers; nearest for those of double precision.
std::string as_f32(const StoredTensor& t) {
  if (t.type == StoredType::f32) return t.bytes;
  std::string bytes(size_t(count_of(t)) * sizeof(float), '\0');
  float* values = reinterpret_cast<float*>(bytes.data());
  for (size_t i = 0; i < size_t(count_of(t)); ++i) values[i] = float(element(t, i));
  return bytes;
}

// Calls visit(position) for the beginnings of a name's parts.
template <class Visit>
void each_part(const std::string& name, const Visit& visit) {
  size_t at = 0;
  for (size_t part = 0; part < kMostParts; ++part) {
    visit(at);
    const size_t dot = name.find('.', at);
    if (dot == name.npos) return;
    at = dot + 1;
  }
}

class Matcher {
 public:
  Matcher(const TensorFile& file, const std::string& name, const std::string& backbone,
          const std::vector<NetworkTensor>& network)
      : file_(file), name_(name), network_(network) {
    match_.backbone = backbone;
    Names ours;
    for (const NetworkTensor& t : network) ours.push_back(t.name);
    namings_ = published_namings(ours);
  }

  WeightMatch match() {
    const auto [naming, prefix] = most_likely();
    match_.prefix = prefix, match_.naming = naming->whose;
    if (!naming->warning.empty()) match_.warnings.push_back(naming->warning);
    for (const StoredTensor& t : file_.tensors) {
      const auto found =
          t.name.starts_with(prefix) ? naming->ours.find(t.name.substr(prefix.size())) : naming->ours.end();
      if (found != naming->ours.end()) theirs_[found->second] = &t;
    }
    find_classifier(prefix);
    for (const NetworkTensor& wanted : network_) take(wanted);
    for (const StoredTensor& t : file_.tensors) leave(t);
    if (!conflicts_.empty()) refuse("they are of another network: " + listed(conflicts_));
    if (2 * match_.tensors.size() < network_.size())
      refuse("only " + std::to_string(match_.tensors.size()) + " of " + std::to_string(network_.size()) +
             " tensors are there; missing " + listed(match_.missing));
    return std::move(match_);
  }

  static std::string listed(const Names& names) {
    std::string text;
    for (size_t i = 0; i < std::min(names.size(), kShown); ++i) text += (i ? ", " : "") + names[i];
    if (names.size() > kShown) text += ", and " + std::to_string(names.size() - kShown) + " more";
    return text;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(Exit::data, "no weights for " + match_.backbone + " in " + name_, why,
                "realcentric inspect lists what the file holds; --model names the network");
  }

  // Each tensor votes for the prefixes and namings under which it would be one of the network's.
  std::pair<const Naming*, std::string> most_likely() {
    std::map<std::pair<size_t, std::string>, size_t> votes;  // (naming, prefix)
    for (const StoredTensor& t : file_.tensors)
      each_part(t.name, [&](size_t at) {
        for (size_t n = 0; n < namings_.size(); ++n)
          if (namings_[n].ours.contains(t.name.substr(at))) ++votes[{n, t.name.substr(0, at)}];
      });
    if (votes.empty()) refuse("no tensor has a name of that network");
    const auto best = std::max_element(votes.begin(), votes.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    for (const auto& [key, count] : votes)
      if (key != best->first && count == best->second && key.first == best->first.first)
        match_.warnings.push_back("the file holds such a network twice: that below \"" + best->first.second +
                                  "\" is taken, not that below \"" + key.second + "\"");
    return {&namings_[best->first.first], best->first.second};
  }

  // The classifier goes by other names, and may stand beside the backbone rather than in it.
  void find_classifier(const std::string& prefix) {
    std::set<std::string> parents = {prefix, ""};
    each_part(prefix, [&](size_t at) { parents.insert(prefix.substr(0, at)); });
    for (const NetworkTensor& wanted : network_) {
      if (!wanted.classifier || theirs_.contains(wanted.name)) continue;
      const std::string leaf = wanted.name.substr(wanted.name.rfind('.'));
      for (auto parent = parents.rbegin(); parent != parents.rend(); ++parent)
        for (const std::string& layer : classifier_names())
          if (const StoredTensor* t = file_.find(*parent + layer + leaf); t && !theirs_.contains(wanted.name))
            theirs_[wanted.name] = t;
    }
  }

  void take(const NetworkTensor& wanted) {
    const auto found = theirs_.find(wanted.name);
    if (found == theirs_.end()) {
      (wanted.classifier ? match_.fresh : match_.missing).push_back(wanted.name);
      return;
    }
    const StoredTensor& t = *found->second;
    taken_.insert(&t);
    const std::string shapes = shape_text(t.shape) + " -> " + shape_text(wanted.shape);
    if (without_ones(t.shape) != without_ones(wanted.shape) || !is_floating(t.type)) {
      if (wanted.classifier)
        match_.fresh.push_back(wanted.name + " (" + shape_text(t.shape) + " in the file)");
      else
        conflicts_.push_back(t.name + " is " + name_of(t.type) + " " + shape_text(t.shape) + ", not " +
                             shape_text(wanted.shape));
      return;
    }
    if (t.shape != wanted.shape) match_.reshaped.push_back(wanted.name + " " + shapes);
    match_.tensors.push_back({wanted.name, StoredType::f32, wanted.shape, as_f32(t)});
  }

  void leave(const StoredTensor& t) {
    if (taken_.contains(&t)) return;
    if (t.name.ends_with("num_batches_tracked"))
      ++match_.counters;
    else
      match_.unexpected.push_back(t.name);
  }

  const TensorFile& file_;
  const std::string& name_;
  const std::vector<NetworkTensor>& network_;
  std::vector<Naming> namings_;
  std::map<std::string, const StoredTensor*> theirs_;  // by our names
  std::set<const StoredTensor*> taken_;
  Names conflicts_;
  WeightMatch match_;
};

}  // namespace

WeightMatch match_weights(const TensorFile& file, const std::string& name, const std::string& backbone,
                          const std::vector<NetworkTensor>& network) {
  return Matcher(file, name, backbone, network).match();
}

std::string report_text(const WeightMatch& m) {
  std::string out;
  const auto line = [&](const std::string& name, const std::string& text) {
    out += name + std::string(15 - name.size(), ' ') + text + "\n";
  };
  const auto list = [&](const std::string& name, const Names& names) {
    if (!names.empty()) line(name, std::to_string(names.size()) + ": " + Matcher::listed(names));
  };
  const size_t backbone = m.tensors.size() + m.missing.size() + m.fresh.size();
  line("matched", std::to_string(m.tensors.size()) + " of " + std::to_string(backbone) + " tensors of " +
                      m.backbone + (m.naming.empty() ? "" : ", as " + m.naming + " names them") +
                      (m.prefix.empty() ? "" : ", below \"" + m.prefix + "\""));
  list("reshaped", m.reshaped);
  list("missing", m.missing);
  list("fresh", m.fresh);
  list("unexpected", m.unexpected);
  if (m.counters > 0) line("left out", std::to_string(m.counters) + " num_batches_tracked");
  for (const std::string& warning : m.warnings) line("warning", warning);
  return out;
}

nlohmann::ordered_json report_json(const WeightMatch& m) {
  Names matched;
  for (const StoredTensor& t : m.tensors) matched.push_back(t.name);
  return {{"backbone", m.backbone}, {"prefix", m.prefix},         {"naming", m.naming},
          {"matched", matched},     {"reshaped", m.reshaped},     {"missing", m.missing},
          {"fresh", m.fresh},       {"unexpected", m.unexpected}, {"num_batches_tracked", m.counters},
          {"warnings", m.warnings}};
}

}  // namespace rc
