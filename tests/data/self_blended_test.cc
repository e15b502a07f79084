#include "data/self_blended.h"

#include <algorithm>

#include "data/batch_sheet.h"
#include "data/loader.h"
#include "data/npy.h"
#include "data/synth.h"
#include "engine/file.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

Image blended(const Person& person, uint32_t key) {
  return self_blended(person.face, person.points, Rng(4, Purpose::test, key));
}

TEST_SUITE("unit") {
  TEST_CASE("self-blending: a seam around the face, what lies far away untouched or changed as a whole") {
    const Person person = draw_person(1, 2, 96);
    int untouched = 0, changed = 0;
    constexpr int kKeys = 80;
    for (uint32_t key = 0; key < kKeys; ++key) {
      const Image out = blended(person, key);
      CHECK(out == blended(person, key));
      REQUIRE((out.height == 96 && out.width == 96));
      changed += out != person.face;
      bool same = true;  // the corners, farther from the hull than any seam reaches
      for (const int y : {0, 95})
        for (const int x : {0, 95}) same &= std::equal(out.at(y, x), out.at(y, x) + 3, person.face.at(y, x));
      untouched += same;
    }
    CHECK(changed == kKeys);
    // Half of the draws, and those of the other half whose change leaves all four corners: 4 deviations
    // of 4.5.
    CHECK(untouched > 40 - 18);
    CHECK(untouched < kKeys);
    CHECK(blended(person, 1) != blended(person, 2));
  }

  TEST_CASE("self-blending: where the mask is empty, nothing is blended in") {
    const Person person = draw_person(1, 3, 64);
    const std::vector<Point> nowhere(68, Point{-900, -900});
    int same = 0;
    for (uint32_t key = 0; key < 30; ++key)
      same += self_blended(person.face, nowhere, Rng(4, Purpose::test, key)) == person.face;
    CHECK(same >= 5);  // half of the draws change the copy alone, of which nothing is seen
    CHECK(same < 30);
    CHECK(
        contains(error_of(Exit::data, [&] { self_blended(noise(8, 9, 1), nowhere, Rng(1, Purpose::test)); }),
                 "square"));
  }

  TEST_CASE("landmarks: in the tree of landmarks, or beside the frame; 68 or 81 of them") {
    const TemporaryFolder folder;
    Index index;
    index.root = folder.path();
    Video video;
    video.frames = {"x/frames/071/012.png", "y/3.png"};
    index.videos = {video};
    const auto write = [&](const char* name, int64_t points) {
      std::vector<float> values(size_t(points) * 2, 5.0f);
      values[0] = 7;
      write_file(folder / name, encode_npy(values, std::array<int64_t, 2>{points, 2}));
    };
    CHECK(contains(error_of(Exit::data, [&] { landmarks_beside(index, 0, 0); }), "data prepare"));
    write("x/landmarks/071/012.npy", 81);
    write("y/3.npy", 68);
    CHECK(landmarks_beside(index, 0, 0).size() == 81);
    CHECK(landmarks_beside(index, 0, 1).size() == 68);
    CHECK(landmarks_beside(index, 0, 1)[0] == Point{7, 5});
    write("y/3.npy", 5);
    CHECK(contains(error_of(Exit::data, [&] { landmarks_beside(index, 0, 1); }), "(68, 2) or (81, 2)"));
  }

  TEST_CASE("a batch of reals and of their blends") {
    const TemporaryFolder folder;
    for (uint32_t i = 0; i < 6; ++i) {
      const Person person = draw_person(2, i, 64);
      const std::string name = std::string("train/") + (i < 4 ? "real/" : "fake/") + std::to_string(i);
      write_image(folder / (name + ".png"), person.face);
      write_file(folder / (name + ".npy"), encode_landmarks(person.points));
    }
    const Index index = load_index(folder.path());
    SamplerOptions options;
    options.batch = 6, options.views = 1, options.pairing = "balanced";
    const Sampler sampler(index, options);
    Augmentation blend;
    blend.self_blended = true;
    Loader loader(index, sampler, {blend}, {64}, 3, 2, 2, 0, 0);
    const Batch batch = loader.next();
    for (size_t i = 0; i < 3; ++i) {
      const Sample& real = batch.samples[i];
      const Sample& fake = batch.samples[i + 3];
      CHECK((fake.video == real.video && fake.frame == real.frame));
      CHECK((fake.geometry == real.geometry && fake.photometry == real.photometry));
      CHECK(index.videos[size_t(real.video)].label == 0);
      CHECK((batch.label[i] == 0 && batch.label[i + 3] == 1));
      CHECK(batch.tuple[i] != batch.tuple[i + 3]);
      const auto pixels = [&](size_t row) {
        const auto begin = batch.pixels.begin() + std::ptrdiff_t(row * 64 * 64 * 3);
        return std::vector<uint8_t>(begin, begin + 64 * 64 * 3);
      };
      const Image face = read_image(index.root / index.videos[size_t(real.video)].frames[0]);
      CHECK(pixels(i) == face.rgb);
      CHECK(pixels(i + 3) != face.rgb);
    }
    CHECK(contains(batch_listing(batch, index), "fake, self-blended"));
    Loader all(index, sampler, {Augmentation::sbi()}, {48}, 3, 2, 2, 0, 0),
        again(index, sampler, {Augmentation::sbi()}, {48}, 3, 1, 1, 0, 0);
    for (int i = 0; i < 3; ++i) {
      const Batch a = all.next(), b = again.next();
      CHECK(a.pixels == b.pixels);
      for (size_t row = 0; row < 3; ++row) CHECK(a.flip[row] == a.flip[row + 3]);
    }
  }
}

}  // namespace
}  // namespace rc
