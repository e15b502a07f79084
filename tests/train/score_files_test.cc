// Files without an index: which ones a folder gives, and their scores by a detector that was read from disk.
#include "train/score_files.h"

#include <doctest/doctest.h>

#include <cmath>

#include "data/resize.h"
#include "engine/file.h"
#include "tests/data/fixtures.h"
#include "train/checkpoint.h"
#include "train/detector_config.h"
#include "train/loaded_detector.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

Config small_detector(const std::string& objective) {
  Config config;
  config.data.img_size = 32;
  config.loss.objective = objective;
  return config;
}

// A detector as its first values are.
struct FreshDetector {
  explicit FreshDetector(const Config& config)
      : scorer(*device, variables, detector_options(config), policy_of(config), 4, config.data.img_size) {
    variables.allocate(*device);
    scorer.prepare();
  }
  std::unique_ptr<Device> device = open_device("cpu", 1);
  Variables variables;
  Scorer scorer;
};

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("a folder gives its images and those below it in natural order, each folder once") {
    const TemporaryFolder folder;
    for (const char* name : {"b10.png", "b9.JPG", "a/2.bmp", "a/1.jpeg", "note.txt", ".hidden.png"})
      write_file(folder / name, "");
    fs::create_directory_symlink("..", folder / "a/up");

    const std::vector<fs::path> paths = {folder / "missing.png", folder.path(), folder / "note.txt"};
    const std::vector<fs::path> expected = {folder / "missing.png", folder / "b9.JPG",  folder / "b10.png",
                                            folder / "a/1.jpeg",    folder / "a/2.bmp", folder / "note.txt"};
    CHECK(files_at(paths).images == expected);

    fs::create_directory(folder / "empty");
    CHECK(files_at(std::vector{folder / "empty"}).images.empty());
  }
}

TEST_SUITE("host") {
  TEST_CASE(
      "a detector read from disk scores files as the one that was saved; a broken file spoils no other") {
    const TemporaryFolder folder;
    const Config config = small_detector("full");
    FreshDetector fresh(config);
    save_model(folder / "detector", *fresh.device, fresh.variables, config);

    const Image pictures[] = {noise(40, 50, 1), gradient(32, 32), noise(1, 1, 2)};
    std::vector<fs::path> files;
    for (int i = 0; i < 3; ++i) {
      files.push_back(folder / (std::to_string(i) + ".png"));
      write_image(files.back(), pictures[i]);
    }
    files.insert(files.begin() + 1, folder / "broken.png");
    write_file(files[1], "\x89PNG\r\n\x1a\n");
    files.push_back(folder / "missing.png");
    files.push_back(files[0]);  // once more, in the second batch

    LoadedDetector loaded(folder / "detector", "cpu", 1, 4);
    CHECK(loaded.config().data.img_size == 32);
    const std::vector<FileScore> scores = score_files(loaded.scorer(), files, {32});
    REQUIRE(scores.size() == 6);
    CHECK(contains(scores[1].problem, "broken.png"));
    CHECK(contains(scores[4].problem, "missing.png"));

    const std::vector<Score> expected =
        fresh.scorer.run(3, [&](size_t i) { return resize(pictures[i], 32, 32); });
    const size_t place[] = {0, 2, 3};
    for (size_t i = 0; i < 3; ++i) {
      const FileScore& got = scores[place[i]];
      CHECK(got.problem.empty());
      CHECK(got.score.logit_real == expected[i].logit_real);
      CHECK(got.score.logit_fake == expected[i].logit_fake);
      CHECK(got.score.distance == expected[i].distance);
      CHECK(got.score.prob_fake() > 0);
      CHECK(got.score.prob_fake() < 1);
    }
    CHECK(expected[0].logit_fake != expected[1].logit_fake);
    CHECK(scores[5].score.logit_fake == scores[0].score.logit_fake);  // whatever is scored beside it
  }

  TEST_CASE("a detector without a centre says no distance") {
    const TemporaryFolder folder;
    const Config config = small_detector("ce");
    FreshDetector fresh(config);
    save_model(folder.path(), *fresh.device, fresh.variables, config);
    write_image(folder / "0.png", gradient(32, 32));

    LoadedDetector loaded(folder / "model.safetensors", "cpu", 1, 1);
    CHECK(loaded.config().loss.objective == "ce");
    const std::vector<FileScore> scores = score_files(loaded.scorer(), std::vector{folder / "0.png"}, {32});
    CHECK(scores[0].problem.empty());
    CHECK(std::isnan(scores[0].score.distance));
  }

  TEST_CASE("what is no model is refused") {
    const TemporaryFolder folder;
    const auto load = [&](const fs::path& path) { LoadedDetector(path, "cpu", 1, 1); };
    CHECK(contains(error_of(Exit::data, [&] { load(folder / "missing"); }), "no model at"));
    write_file(folder / "model.safetensors", "not a model");
    CHECK(contains(error_of(Exit::data, [&] { load(folder.path()); }), "model.safetensors"));
  }
}

}  // namespace rc
