#include "train/report_inspection.h"

#include <algorithm>
#include <map>

#include "train/html.h"
#include "train/scatter.h"
#include "train/table.h"

namespace rc {
namespace {

constexpr int kJpegQuality = 85;

// Reals are 1; methods follow by name.
std::map<std::string, int> colours_of(const EmbeddingMap& map) {
  std::map<std::string, int> colours;
  for (const EmbeddedFrame& f : map.frames)
    if (f.label == 1) colours[f.method] = 0;
  size_t i = 0;
  for (auto& [method, colour] : colours) colour = int(i++ % (kSeriesColours - 1)) + 2;
  return colours;
}

std::vector<Dot> dots_of(const EmbeddingMap& map, const std::vector<PlanePoint>& places,
                         const std::map<std::string, int>& colours) {
  std::vector<Dot> dots;
  for (size_t i = 0; i < map.frames.size(); ++i) {
    const EmbeddedFrame& f = map.frames[i];
    const Dot::Mark mark = !f.hard ? Dot::Mark::none : f.label == 0 ? Dot::Mark::ring : Dot::Mark::diamond;
    dots.push_back({places[i][0], places[i][1], f.label == 0 ? 1 : colours.at(f.method), mark,
                    f.description + ", distance to the centre " + fixed(f.distance, 3)});
  }
  for (size_t i = map.frames.size(); i < places.size(); ++i)
    dots.push_back({places[i][0], places[i][1], 1, Dot::Mark::star, "centre of natural faces"});
  return dots;
}

std::string map_cards(const EmbeddingMap& map) {
  if (map.frames.empty()) return {};
  const std::map<std::string, int> colours = colours_of(map);
  std::vector<std::pair<std::string, int>> names = {{"real", 1}};
  names.insert(names.end(), colours.begin(), colours.end());
  size_t hard_reals = 0, hard_fakes = 0;
  for (const EmbeddedFrame& f : map.frames) (f.label == 0 ? hard_reals : hard_fakes) += f.hard;
  std::string marks = html_tag(
      "span", std::string("★ ") + (map.own_centres ? "centre of natural faces" : "mean of the reals shown"));
  marks += html_tag("span",
                    "○ hard positive: the " + std::to_string(hard_reals) + " reals farthest from the centre");
  marks += html_tag("span", "◇ hard negative: the " + std::to_string(hard_fakes) + " fakes nearest to it");
  const std::string legend = html_legend(names) + html_tag("div class=\"legend\"", marks);
  const std::string pca_note = fixed(100 * (map.share[0] + map.share[1]), 0) + " % of the variance of " +
                               std::to_string(map.frames.size()) +
                               " frames, evenly drawn from both classes, on the unit sphere.";
  const std::string tsne_note =
      "Exact, perplexity " + fixed(map.perplexity, 0) + ", " + std::to_string(map.iterations) +
      " iterations from the principal components; nothing is random. Who is near to "
      "whom has a meaning, how far groups are apart has none.";
  return html_tag(
      "div class=\"columns\"",
      html_card("Embeddings: principal components",
                legend + scatter(dots_of(map, map.pca, colours), "embeddings by their principal components") +
                    html_tag("p class=\"note\"", pca_note)) +
          html_card("Embeddings: t-SNE", legend +
                                             scatter(dots_of(map, map.tsne, colours), "embeddings by t-SNE") +
                                             html_tag("p class=\"note\"", tsne_note)));
}

std::string figure(const HardCase& c) {
  const FramePrediction& p = c.prediction;
  const std::string name = p.method + " " + p.video;
  return html_tag("figure",
                  html_tag("div", html_image(encode_jpeg(c.image, kJpegQuality), "image/jpeg", name) +
                                      html_image(encode_jpeg(c.heat, kJpegQuality), "image/jpeg",
                                                 name + ", what speaks for fake")) +
                      html_tag("figcaption", html_tag("b", fixed(p.prob_fake, 3)) + " " +
                                                 html_escape(name + ", frame " + std::to_string(p.frame))));
}

std::string group(const std::string& title, const std::vector<HardCase>& cases) {
  std::string figures;
  for (const HardCase& c : cases) figures += figure(c);
  return html_tag("h4", title) +
         (cases.empty() ? html_tag("p class=\"soft\"", "none") : html_tag("div class=\"gallery\"", figures));
}

}  // namespace

std::string inspection_section(const std::string& set, const SetInspection& seen) {
  const std::string title = html_tag("h2", "What it sees: " + html_escape(set));
  if (!seen.problem.empty())
    return title + html_card("", html_tag("p class=\"soft\"",
                                          "Maps and gallery are left out: " + html_escape(seen.problem)));
  std::string note =
      "P(fake), method, video and frame. Right of each image Grad-CAM of the logit of fake, each map to its "
      "own "
      "largest value: it shows where something speaks for fake, not how much.";
  if (seen.rescored > 1e-3)
    note += " Scored anew for this page, P(fake) differs from predictions.csv by up to " +
            fixed(seen.rescored, 3) + ": by another device, precision, protocol or other images.";
  return title + map_cards(seen.map) +
         html_card("Hardest cases", group("Fakes called real, the surest first", seen.missed) +
                                        group("Reals called fake, the surest first", seen.accused) +
                                        group("Right, but barely", seen.barely) +
                                        html_tag("p class=\"note\"", note));
}

}  // namespace rc
