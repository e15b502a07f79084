#include "data/loader.h"

#include <chrono>
#include <filesystem>
#include <fstream>

#include "data/frame.h"
#include "engine/file.h"
#include "engine/sha256.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

// Two pairs of people, two methods, three frames each: real image files of 24 x 24.
class Corpus {
 public:
  Corpus() {
    uint32_t key = 0;
    const auto add = [&](const std::string& video) {
      for (int i = 0; i < 3; ++i)
        write_image(folder / ("train/" + video + "/" + std::to_string(i) + ".png"), noise(24, 24, ++key));
    };
    for (const char* id : {"a", "b", "c", "d"}) add(std::string("real/") + id);
    for (const char* method : {"swap", "warp"})
      for (const char* id : {"a_b", "b_a", "c_d", "d_c"}) add(std::string("fake/") + method + "/" + id);
    index = load_index(folder.path());
  }
  Sampler sampler() const {
    SamplerOptions options;
    options.batch = 8;
    return Sampler(index, options);
  }
  TemporaryFolder folder;
  Index index;
};

const std::vector<Augmentation> kViews = {Augmentation::light(), Augmentation::dfb()};

TEST_SUITE("unit") {
  TEST_CASE("a batch holds what its samples say") {
    const Corpus corpus;
    const Sampler sampler = corpus.sampler();
    Loader loader(corpus.index, sampler, kViews, {16}, 3, 2, 2, 0, 0);
    const Batch batch = loader.next();
    CHECK(batch.count == 16);
    CHECK(batch.size == 16);
    CHECK(batch.samples == sampler.batch(0, 0));
    REQUIRE(batch.pixels.size() == 16 * 16 * 16 * 3);
    for (size_t row = 0; row < 16; ++row) {
      const Sample& sample = batch.samples[row];
      const Augmented expected =
          augment(read_frame(corpus.index, sample.video, sample.frame), kViews[size_t(sample.view)], {16}, 3,
                  0, sample.geometry, sample.photometry);
      CHECK(std::equal(expected.image.rgb.begin(), expected.image.rgb.end(),
                       batch.pixels.begin() + std::ptrdiff_t(row * 768)));
      CHECK(bool(batch.flip[row]) == expected.flip);
      CHECK(batch.label[row] == corpus.index.videos[size_t(sample.video)].label);
      CHECK(batch.tuple[row] == sample.tuple);
    }
  }

  TEST_CASE("a target and its forgeries share their geometry in each view, and no photometry") {
    // Forgeries that change nothing: what differs between them and their target is augmentation alone.
    TemporaryFolder folder;
    const auto copy = [&](const std::string& video, uint32_t key) {
      for (uint32_t i = 0; i < 3; ++i)
        write_image(folder / ("train/" + video + "/" + std::to_string(i) + ".png"), noise(24, 24, key + i));
    };
    for (const std::string pair : {"ab", "ba", "cd", "dc"}) {
      const uint32_t key = 10 * uint32_t(pair[0]);
      copy(std::string("real/") + pair[0], key);
      for (const char* method : {"swap", "warp"})
        copy(std::string("fake/") + method + "/" + pair[0] + "_" + pair[1], key);
    }
    const Index index = load_index(folder.path());
    SamplerOptions options;
    options.batch = 8;
    const Sampler sampler(index, options);
    REQUIRE(sampler.pairs());
    Augmentation interference = Augmentation::dfb();
    interference.colour = 1;  // always
    Loader loader(index, sampler, {Augmentation::light(), interference}, {16}, 3, 2, 2, 0, 0);
    int flipped[2] = {}, batches = 40;
    for (int b = 0; b < batches; ++b) {
      const Batch batch = loader.next();
      const auto pixels = [&](size_t row) {
        const auto begin = batch.pixels.begin() + std::ptrdiff_t(row * 768);
        return std::vector<uint8_t>(begin, begin + 768);
      };
      for (size_t target = 0; target < 16; target += 4) {
        const bool light = target < 8;
        for (const size_t fake : {target + 2, target + 3}) {
          CHECK(batch.flip[fake] == batch.flip[target]);
          CHECK((pixels(fake) == pixels(target)) == light);  // aligned; then each changed in its own way
        }
        CHECK((pixels(target + 2) == pixels(target + 3)) == light);
        if (light) CHECK(pixels(target) != pixels(target + 8));  // the same image in the other view
        flipped[light ? 0 : 1] += batch.flip[target];
      }
    }
    for (const int n : flipped) {  // of 80, mirrored with probability 1/2: 40 +- 4 deviations of 4.5
      CHECK(n > 22);
      CHECK(n < 58);
    }
  }

  TEST_CASE("batches do not depend on workers or prefetch, and go on through epochs") {
    const Corpus corpus;
    const Sampler sampler = corpus.sampler();
    const int steps = 2 * sampler.steps_per_epoch() + 1;
    std::vector<Batch> one;
    for (const auto& [workers, prefetch] : {std::pair(1, 1), std::pair(2, 3), std::pair(4, 2)}) {
      Loader loader(corpus.index, sampler, kViews, {16}, 3, workers, prefetch, 0, 0);
      for (int i = 0; i < steps; ++i) {
        const Batch batch = loader.next();
        CHECK(batch.epoch == uint32_t(i / sampler.steps_per_epoch()));
        CHECK(batch.step == uint32_t(i % sampler.steps_per_epoch()));
        if (workers == 1) {
          one.push_back(batch);
          continue;
        }
        CHECK(batch.pixels == one[size_t(i)].pixels);
        CHECK(batch.flip == one[size_t(i)].flip);
        CHECK(batch.label == one[size_t(i)].label);
        CHECK(batch.samples == one[size_t(i)].samples);
      }
    }
    // Started in the middle, as after a resume.
    Loader resumed(corpus.index, sampler, kViews, {16}, 3, 2, 2, 1, 1);
    CHECK(resumed.next().pixels == one[size_t(sampler.steps_per_epoch()) + 1].pixels);
  }

  TEST_CASE("what a worker throws comes out of next() at its batch, and again") {
    const Corpus corpus;
    const Sampler sampler = corpus.sampler();
    // Damage one file; the first batch that shows it must fail, none before.
    const std::string path = corpus.index.videos[0].frames[0];
    write_file(corpus.index.root / path, read_file(corpus.index.root / path).substr(0, 100));
    const auto shows_it = [&](uint32_t step) {
      for (const Sample& sample : sampler.batch(0, step))
        if (sample.video == 0 && sample.frame == 0) return true;
      return false;
    };
    for (const int workers : {1, 2, 4}) {
      Loader loader(corpus.index, sampler, kViews, {16}, 3, workers, 2, 0, 0);
      for (int i = 0; i < 1000; ++i) {
        const auto step = uint32_t(i % sampler.steps_per_epoch());
        if (i >= sampler.steps_per_epoch() || shows_it(step)) break;
        CHECK(loader.next().step == step);
      }
      for (int again = 0; again < 2; ++again) {
        std::string text;
        try {
          for (int i = 0; i < 1000; ++i) loader.next();
        } catch (const Error& error) {
          CHECK(error.code() == Exit::data);
          text = error.text();
        }
        CHECK(contains(text, path));
        CHECK(contains(text, "frame 0"));
        CHECK(contains(text, corpus.index.videos[0].method + "/" + corpus.index.videos[0].id));
      }
    }
  }

  TEST_CASE("a missing file is named with its video and frame; a changed one by its hash") {
    const Corpus corpus;
    Index index = corpus.index;
    for (const std::string& frame : index.videos[1].frames)
      index.videos[1].sha256.push_back(sha256(read_file(index.root / frame)));
    CHECK(read_frame(index, 1, 2).width == 24);
    write_image(index.root / index.videos[1].frames[2], noise(24, 24, 99));
    CHECK(contains(error_of(Exit::data, [&] { read_frame(index, 1, 2); }), "SHA-256"));
    std::filesystem::remove(index.root / index.videos[1].frames[2]);
    const std::string text = error_of(Exit::data, [&] { read_frame(index, 1, 2); });
    CHECK(contains(text, index.videos[1].frames[2] + " (video " + index.videos[1].method + "/" +
                             index.videos[1].id + ", frame 2)"));
    CHECK(contains(text, "No such file"));
  }

  TEST_CASE("a loader that nobody reads from ends at once") {
    const Corpus corpus;
    const Sampler sampler = corpus.sampler();
    for (int i = 0; i < 20; ++i) {
      const auto start = std::chrono::steady_clock::now();
      { Loader loader(corpus.index, sampler, kViews, {64}, 3, 4, 1000000, 0, 0); }
      CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
    }
  }
}

}  // namespace
}  // namespace rc
