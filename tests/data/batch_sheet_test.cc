#include "data/batch_sheet.h"

#include <algorithm>

#include "tests/data/fixtures.h"

namespace rc {
namespace {

constexpr Colour kWhite = {255, 255, 255};

// Two people and forgeries of the first, and batches of them with noise for pixels.
Index people() {
  Index index;
  const auto add = [&](int label, const std::string& method, const std::string& id, const std::string& target,
                       const std::string& source) {
    Video v;
    v.label = label, v.method = method, v.id = id, v.target = target, v.source = source;
    for (int i = 0; i < 3; ++i) v.frames.push_back(method + "/" + id + "/00" + std::to_string(i) + ".png");
    index.videos.push_back(v);
  };
  add(0, "real", "033", "033", "");
  add(0, "real", "097", "097", "");
  add(1, "FaceSwap", "033_097", "033", "097");
  add(1, "fake", "someone", "", "");  // of unknown make
  return index;
}

// Each image is a video of the index; `tuples`: as many images at a time are one tuple.
Batch batch_of(const Index& index, int size, int views, const std::vector<int>& videos, int tuples,
               uint32_t step) {
  Batch batch;
  batch.epoch = 2, batch.step = step, batch.size = size, batch.count = views * int(videos.size());
  for (int view = 0; view < views; ++view)
    for (size_t i = 0; i < videos.size(); ++i) {
      Sample sample;
      sample.video = videos[i], sample.frame = int(i) % 3, sample.tuple = int(i) / tuples, sample.view = view;
      batch.samples.push_back(sample);
      batch.tuple.push_back(sample.tuple);
      batch.label.push_back(index.videos[size_t(videos[i])].label);
      batch.flip.push_back(uint8_t((i + size_t(view)) % 2));
      const Image image = noise(size, size, step * 1000 + uint32_t(batch.flip.size()));
      batch.pixels.insert(batch.pixels.end(), image.rgb.begin(), image.rgb.end());
    }
  return batch;
}

std::vector<std::string> names(int views) {
  return views == 1 ? std::vector<std::string>{"one"} : std::vector<std::string>{"one", "two"};
}

bool is(const Image& sheet, int y, int x, Colour colour) {
  return std::equal(colour.begin(), colour.end(), sheet.at(y, x));
}

// Whether the text stands there: its ink black, what is between white.
bool reads(const Image& sheet, SheetLayout::Point at, const std::string& text, int scale) {
  Image expected(7 * scale, int(text.size()) * kGlyphAdvance * scale);
  std::ranges::fill(expected.rgb, uint8_t(255));
  draw_text(expected, 0, 0, text, {0, 0, 0}, scale);
  for (int y = 0; y < expected.height; ++y)
    if (!std::equal(expected.at(y, 0), expected.at(y, 0) + expected.width * 3, sheet.at(at.y + y, at.x)))
      return false;
  return true;
}

// Every picture at its place, mirrored where it should be, in the border of its class.
void check_pictures(const Image& sheet, const SheetLayout& layout, const std::vector<Batch>& batches) {
  size_t shown = 0;
  for (size_t r = 0; r < layout.rows().size(); ++r)
    for (int view = 0; view < layout.views(); ++view)
      for (size_t p = 0; p < layout.rows()[r].images.size(); ++p, ++shown) {
        const Batch& batch = batches[layout.rows()[r].batch];
        const auto image = size_t(view * batch.count / layout.views() + layout.rows()[r].images[p]);
        const auto [left, top] = layout.picture(r, p, view);
        const int size = batch.size, border = layout.border();
        const Colour colour = batch.label[image] ? kFakeColour : kRealColour;
        bool pixels = true, frame = true, outside = true;
        for (int y = -border - 1; y <= size + border; ++y)
          for (int x = -border - 1; x <= size + border; ++x) {
            const int from = batch.flip[image] ? size - 1 - x : x;
            if (y >= 0 && y < size && x >= 0 && x < size)
              pixels &=
                  std::equal(sheet.at(top + y, left + x), sheet.at(top + y, left + x) + 3,
                             batch.pixels.data() +
                                 ((image * size_t(size) + size_t(y)) * size_t(size) + size_t(from)) * 3);
            else if (y >= -border && y < size + border && x >= -border && x < size + border)
              frame &= is(sheet, top + y, left + x, colour);
            else
              outside &= is(sheet, top + y, left + x, kWhite);
          }
        CHECK(pixels);
        CHECK(frame);
        CHECK(outside);
      }
  size_t images = 0;
  for (const Batch& batch : batches) images += size_t(batch.count);
  CHECK(shown == images);
}

TEST_SUITE("unit") {
  TEST_CASE("a sheet of tuples: pictures, borders, captions and labels at their places") {
    const Index index = people();
    for (const int size : {32, 112, 224})
      for (const int views : {1, 2}) {
        CAPTURE(size);
        CAPTURE(views);
        const std::vector<Batch> batches = {batch_of(index, size, views, {0, 1, 2, 3, 0, 1, 2, 2}, 4, 5),
                                            batch_of(index, size, views, {1, 0, 2, 3, 1, 1, 3, 2}, 4, 6)};
        const SheetLayout layout(batches, 2);
        REQUIRE(layout.tuples());
        REQUIRE(layout.rows().size() == 4);
        const Image sheet = batch_sheet(batches, index, {"a title"}, names(views));
        CHECK(sheet.width == layout.width());
        CHECK(sheet.height == layout.height());
        check_pictures(sheet, layout, batches);

        const int scale = layout.scale();
        CHECK(scale == (size == 224 ? 2 : 1));
        CHECK(reads(sheet, layout.title(0), "a title", scale));
        CHECK(reads(sheet, layout.heading(0), "epoch 2, step 5", scale));
        CHECK(reads(sheet, layout.heading(2), "epoch 2, step 6", scale));
        CHECK(reads(sheet, layout.label(3), "tuple", scale));
        const auto [x, y] = layout.label(3);
        CHECK(reads(sheet, {x, y + layout.line()}, "1", scale));
        for (int view = 0; view < views; ++view) {
          const auto caption = [&](size_t row, size_t place, int line) {
            const auto [left, top] = layout.picture(row, place, view);
            return SheetLayout::Point{left - layout.border(),
                                      top + size + layout.border() + 2 * scale + line * layout.line()};
          };
          CHECK(reads(sheet, caption(0, 0, 0), "real", scale));
          CHECK(reads(sheet, caption(0, 0, 1), "033", scale));
          CHECK(reads(sheet, caption(0, 1, 2), "frame 001", scale));
          CHECK(reads(sheet, caption(0, 2, 0), "fake FaceSwap", scale));
          CHECK(reads(sheet, caption(0, 2, 1), "033 <- 097", scale));
          CHECK(reads(sheet, caption(2, 3, 0), "fake", scale));
          CHECK(reads(sheet, caption(2, 3, 1), "someone", scale));
        }
      }
  }

  TEST_CASE("a sheet of a balanced batch: rows of one class, four images each") {
    const Index index = people();
    const std::vector<Batch> batches = {batch_of(index, 40, 2, {0, 1, 0, 1, 0, 2, 3, 2, 3, 2}, 1, 0)};
    const SheetLayout layout(batches, 1);
    CHECK(!layout.tuples());
    REQUIRE(layout.rows().size() == 4);
    const std::vector<std::pair<std::string, std::string>> labels = {
        {"real", "0-3"}, {"real", "4"}, {"fake", "5-8"}, {"fake", "9"}};
    for (size_t r = 0; r < 4; ++r) {
      CHECK(layout.rows()[r].kind == labels[r].first);
      CHECK(layout.rows()[r].tuples == labels[r].second);
    }
    CHECK(layout.rows()[1].images == std::vector<int>{4});
    check_pictures(batch_sheet(batches, index, {}, names(2)), layout, batches);
  }

  TEST_CASE("long names keep their beginning and end, and stay in their cell") {
    Index index = people();
    index.videos[0].id = "a_video_with_a_very_long_name_of_its_own";
    const std::vector<Batch> batches = {batch_of(index, 112, 1, {0, 0, 2, 2}, 4, 0)};
    const SheetLayout layout(batches, 2);
    const Image sheet = batch_sheet(batches, index, {std::string(500, 'x')}, names(1));
    const auto [left, top] = layout.picture(0, 0, 0);
    const SheetLayout::Point who = {left - layout.border(), top + 112 + layout.border() + 2 + layout.line()};
    const size_t fits = layout.characters(layout.cell()) - 1;
    CHECK(fits == 19);
    CHECK(reads(sheet, who, "a_video_..f_its_own", 1));
    for (int y = 0; y < sheet.height; ++y) CHECK(is(sheet, y, sheet.width - 1, kWhite));
  }

  TEST_CASE("a batch in words") {
    const Index index = people();
    CHECK(
        batch_listing(batch_of(index, 8, 2, {0, 1, 2, 3, 1, 0, 3, 2}, 4, 7), index) ==
        "epoch 2 step 7 tuple 0: real 033 frame 000, real 097 frame 001, fake FaceSwap 033 <- 097 frame 002, "
        "fake someone frame 000\n"
        "epoch 2 step 7 tuple 1: real 097 frame 001, real 033 frame 002, fake someone frame 000, "
        "fake FaceSwap 033 <- 097 frame 001\n");
    CHECK(batch_listing(batch_of(index, 8, 2, {0, 2}, 1, 1), index) ==
          "epoch 2 step 1 tuple 0: real 033 frame 000\n"
          "epoch 2 step 1 tuple 1: fake FaceSwap 033 <- 097 frame 001\n");
  }
}

}  // namespace
}  // namespace rc
