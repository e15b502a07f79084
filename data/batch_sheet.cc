#include "data/batch_sheet.h"

#include <algorithm>
#include <filesystem>

#include "engine/error.h"

namespace rc {
namespace {

constexpr Colour kBlack = {0, 0, 0};
constexpr size_t kPlaces = 4;         // images of a row, in each view
constexpr int kCaptionLines = 3;      // class and method, who, frame
constexpr int kShortestCaption = 19;  // characters: "fake NeuralTextures"

// `label`: of the image, which may be a real video's blended with itself.
std::string class_of(const Video& video, int32_t label) {
  if (label != video.label) return "fake, self-blended";
  return video.label == 0 ? "real" : video.method == "fake" ? "fake" : "fake " + video.method;
}
// "033"; of a forgery "033 <- 097", the target and the source that forged it, where they are known.
std::string who(const Video& video) {
  const bool known = video.label != 0 && !video.target.empty() && !video.source.empty();
  return known ? video.target + " <- " + video.source : video.id;
}
std::string frame_of(const Video& video, int frame) {
  return "frame " + std::filesystem::path(video.frames[size_t(frame)]).stem().string();
}

// The text, or its beginning and end, in so many characters.
std::string fitted(const std::string& text, size_t characters) {
  if (text.size() <= characters) return text;
  if (characters < 4) return text.substr(0, characters);
  const size_t begin = (characters - 2) / 2, end = characters - 2 - begin;
  return text.substr(0, begin) + ".." + text.substr(text.size() - end);
}

void fill(Image& image, SheetLayout::Point at, int width, int height, Colour colour) {
  for (int y = at.y; y < at.y + height; ++y)
    for (int x = at.x; x < at.x + width; ++x) std::ranges::copy(colour, image.at(y, x));
}

void place(Image& sheet, SheetLayout::Point at, const Batch& batch, size_t image) {
  const auto size = size_t(batch.size);
  const uint8_t* pixels = batch.pixels.data() + image * size * size * 3;
  for (size_t y = 0; y < size; ++y)
    for (size_t x = 0; x < size; ++x) {
      const size_t from = batch.flip[image] ? size - 1 - x : x;
      std::copy_n(pixels + (y * size + from) * 3, 3, sheet.at(at.y + int(y), at.x + int(x)));
    }
}

// One of a sheet's cells: border, picture and caption.
void draw_cell(Image& sheet, const SheetLayout& layout, SheetLayout::Point at, const Batch& batch,
               size_t image, const Index& index) {
  const Sample& sample = batch.samples[image];
  const Video& video = index.videos[size_t(sample.video)];
  const int border = layout.border(), side = batch.size + 2 * border;
  fill(sheet, {at.x - border, at.y - border}, side, side,
       batch.label[image] == 0 ? kRealColour : kFakeColour);
  place(sheet, at, batch, image);
  int y = at.y + batch.size + border + layout.scale() * 2;
  for (const std::string& text :
       {class_of(video, batch.label[image]), who(video), frame_of(video, sample.frame)}) {
    draw_text(sheet, at.x - border, y, fitted(text, layout.characters(layout.cell()) - 1), kBlack,
              layout.scale());
    y += layout.line();
  }
}

void draw_legend(Image& sheet, const SheetLayout& layout, SheetLayout::Point at) {
  const int scale = layout.scale(), square = 7 * scale;
  for (const auto& [name, colour] : {std::pair("real", kRealColour), std::pair("fake", kFakeColour)}) {
    fill(sheet, at, square, square, colour);
    draw_text(sheet, at.x + square + 3 * scale, at.y, name, kBlack, scale);
    at.x += square + 7 * kGlyphAdvance * scale;
  }
  draw_text(sheet, at.x, at.y, "A <- B: target A, forged from source B", kBlack, scale);
}

void draw_heading(Image& sheet, const SheetLayout& layout, size_t row, const Batch& batch,
                  const std::vector<std::string>& views) {
  SheetLayout::Point at = layout.heading(row);
  const int scale = layout.scale();
  draw_text(sheet, at.x, at.y,
            "epoch " + std::to_string(batch.epoch) + ", step " + std::to_string(batch.step), kBlack, scale);
  for (int view = 0; view < layout.views(); ++view) {
    const auto left = [&](size_t place) { return layout.picture(row, place, view).x - layout.border(); };
    draw_text(sheet, left(0), at.y + layout.line(), views[size_t(view)], kBlack, scale);
    const char* const roles[kPlaces] = {"R_t target", "R_s source", "F_m1 forgery", "F_m2 forgery"};
    for (size_t place = 0; layout.tuples() && place < kPlaces; ++place)
      draw_text(sheet, left(place), at.y + 2 * layout.line(), roles[place], kBlack, scale);
  }
}

}  // namespace

SheetLayout::SheetLayout(std::span<const Batch> batches, size_t title_lines) {
  check(!batches.empty() && batches[0].count > 0, "a sheet shows at least one batch");
  size_ = batches[0].size;
  scale_ = std::max(1, size_ / 112);
  views_ = batches[0].samples.back().view + 1;
  const auto& tuple = batches[0].tuple;
  tuples_ = std::ranges::count(tuple, tuple[0]) > views_;

  int y = title(title_lines).y;
  for (size_t b = 0; b < batches.size(); ++b) {
    const Batch& batch = batches[b];
    y += 4 * line();  // the heading
    const auto fits = [&](int image) {
      if (rows_.empty() || rows_.back().batch != b || rows_.back().images.size() == kPlaces) return false;
      const auto first = size_t(rows_.back().images[0]), next = size_t(image);
      return tuples_ ? batch.tuple[first] == batch.tuple[next] : batch.label[first] == batch.label[next];
    };
    for (int image = 0; image < batch.count / views_; ++image) {
      if (!fits(image)) {
        rows_.push_back({b, tuples_ ? "tuple" : batch.label[size_t(image)] ? "fake" : "real", {}, {}});
        top_.push_back(y);
        y += size_ + 2 * border() + (kCaptionLines + 1) * line();
      }
      Row& row = rows_.back();
      row.images.push_back(image);
      const std::string first = std::to_string(batch.tuple[size_t(row.images[0])]),
                        last = std::to_string(batch.tuple[size_t(image)]);
      row.tuples = first == last ? first : first + "-" + last;
    }
  }
  bottom_ = y;
}

int SheetLayout::cell() const {
  return std::max(size_ + 2 * border(), kShortestCaption * kGlyphAdvance * scale_) + kGlyphAdvance * scale_;
}

// Labels are up to seven characters wide; views stand two apart.
int SheetLayout::column(int view, size_t place) const {
  const int character = kGlyphAdvance * scale_;
  return 9 * character + view * (int(kPlaces) * cell() + 2 * character) + int(place) * cell();
}

SheetLayout::Point SheetLayout::title(size_t number) const {
  return {kGlyphAdvance * scale_, (int(number) + 1) * line()};
}
SheetLayout::Point SheetLayout::heading(size_t row) const {
  return {kGlyphAdvance * scale_, top_[row] - 3 * line() - scale_};
}
SheetLayout::Point SheetLayout::label(size_t row) const {
  return {kGlyphAdvance * scale_, top_[row] + border()};
}
SheetLayout::Point SheetLayout::picture(size_t row, size_t place, int view) const {
  return {column(view, place) + border(), top_[row] + border()};
}

Image batch_sheet(std::span<const Batch> batches, const Index& index, const std::vector<std::string>& title,
                  const std::vector<std::string>& views) {
  const SheetLayout layout(batches, title.size() + 1);
  check(int(views.size()) == layout.views(), "a sheet names each view");
  Image sheet(layout.height(), layout.width());
  std::ranges::fill(sheet.rgb, uint8_t(255));
  for (size_t i = 0; i < title.size(); ++i) {
    const auto [x, y] = layout.title(i);
    draw_text(sheet, x, y, fitted(title[i], layout.characters(layout.width() - 2 * x)), kBlack,
              layout.scale());
  }
  draw_legend(sheet, layout, layout.title(title.size()));

  for (size_t r = 0; r < layout.rows().size(); ++r) {
    const SheetLayout::Row& row = layout.rows()[r];
    const Batch& batch = batches[row.batch];
    if (r == 0 || layout.rows()[r - 1].batch != row.batch) draw_heading(sheet, layout, r, batch, views);
    const SheetLayout::Point label = layout.label(r);
    draw_text(sheet, label.x, label.y, row.kind, kBlack, layout.scale());
    draw_text(sheet, label.x, label.y + layout.line(), row.tuples, kBlack, layout.scale());
    for (int view = 0; view < layout.views(); ++view)
      for (size_t p = 0; p < row.images.size(); ++p)
        draw_cell(sheet, layout, layout.picture(r, p, view), batch,
                  size_t(view * batch.count / layout.views() + row.images[p]), index);
  }
  return sheet;
}

std::string batch_listing(const Batch& batch, const Index& index) {
  std::string text;
  for (size_t i = 0; i < batch.samples.size() && batch.samples[i].view == 0; ++i) {
    const Sample& sample = batch.samples[i];
    const Video& video = index.videos[size_t(sample.video)];
    if (i == 0 || batch.samples[i - 1].tuple != sample.tuple)
      text += std::string(i == 0 ? "" : "\n") + "epoch " + std::to_string(batch.epoch) + " step " +
              std::to_string(batch.step) + " tuple " + std::to_string(sample.tuple) + ": ";
    else
      text += ", ";
    text += class_of(video, batch.label[i]) + " " + who(video) + " " + frame_of(video, sample.frame);
  }
  return text + "\n";
}

}  // namespace rc
