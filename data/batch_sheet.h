// Training batches as a person sees them: every image in its place, with what it is and what it is paired
// with.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/glyphs.h"
#include "data/index.h"
#include "data/loader.h"

namespace rc {

// Borders of the two classes, told apart in any kind of colour vision (Okabe and Ito's blue and vermilion).
inline constexpr Colour kRealColour = {0, 114, 178}, kFakeColour = {213, 94, 0};

// Where things stand on a sheet, in pixels. A row holds up to four images of a batch: all in view 0, then the
// same in view 1. They are a forgery tuple (target, source, two forgeries), or images of one class where the
// batch has no tuples.
class SheetLayout {
 public:
  SheetLayout(std::span<const Batch>, size_t title_lines);  // at least one batch; all of one sampler

  struct Row {
    size_t batch;
    std::string kind, tuples;  // "tuple" and "3"; "real" and "0-3"
    std::vector<int> images;   // rows of the batch's view 0
  };
  struct Point {
    int x, y;
    bool operator==(const Point&) const = default;
  };

  const std::vector<Row>& rows() const { return rows_; }
  bool tuples() const { return tuples_; }
  int views() const { return views_; }
  int width() const { return column(views_, 0); }
  int height() const { return bottom_; }
  int scale() const { return scale_; }  // of texts
  int line() const { return kLineAdvance * scale_; }
  int border() const { return 3 * scale_; }
  size_t characters(int pixels) const { return size_t(pixels / (kGlyphAdvance * scale_)); }
  int cell() const;  // from one picture's left border to that of the next

  Point title(size_t line) const;
  Point heading(size_t row) const;                          // of the batch that begins with this row
  Point label(size_t row) const;                            // at the left of it
  Point picture(size_t row, size_t place, int view) const;  // its upper left pixel, within the border

 private:
  int column(int view, size_t place) const;

  int size_ = 0, views_ = 1, scale_ = 1, bottom_ = 0;
  bool tuples_ = false;
  std::vector<Row> rows_;
  std::vector<int> top_;  // of each row's borders
};

// The sheet, white where nothing is. `title`: lines above it; `views`: what each view is called. Images that
// the loader leaves to the device to mirror are mirrored: these are the pixels that the network sees.
Image batch_sheet(std::span<const Batch>, const Index&, const std::vector<std::string>& title,
                  const std::vector<std::string>& views);

// The batch in words, a line a tuple: "epoch 0 step 3 tuple 1: real 033 frame 007, real 097 frame 002, fake
// FaceSwap 033 <- 097 frame 007, fake Reenact 033 <- 097 frame 007". Each image once: it is the same in all
// views.
std::string batch_listing(const Batch&, const Index&);

}  // namespace rc
