// Scores as they come: the compact set, its file, videos under either key, and memory that stays.
#include "train/scored_set.h"

#include <doctest/doctest.h>
#include <malloc.h>

#include <fstream>

#include "engine/file.h"
#include "tests/data/fixtures.h"
#include "train/evaluation.h"
#include "train/scored_set_builder.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

Video video(const std::string& method, int label, const std::string& id, const std::string& folder,
            int frames) {
  Video v;
  v.dataset = "set", v.split = "test", v.method = method, v.label = label, v.id = id;
  for (int f = 0; f < frames; ++f) v.frames.push_back(folder + "/" + std::to_string(f) + ".png");
  return v;
}

Score score_of(float logit) { return {.logit_real = 0, .logit_fake = logit}; }

// Two reals; 071_054 is forged by two methods.
Index example() {
  Index index;
  index.videos = {video("real", 0, "071", "youtube/071", 2), video("real", 0, "054", "youtube/054", 1),
                  video("FaceSwap", 1, "071_054", "FaceSwap/071_054", 2),
                  video("Deepfakes", 1, "071_054", "Deepfakes/071_054", 1)};
  return index;
}

ScoredSet scored(const Index& index, const std::vector<float>& logits, const fs::path& file = {}) {
  ScoredSetBuilder builder(index, file);
  for (float logit : logits) builder.add(score_of(logit));
  return builder.finish();
}

// Bytes that the kernel's status of this process says under `key`.
int64_t memory(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return std::stoll(line.substr(key.size())) * 1024;
  FAIL("no " << key);
  return 0;
}

// How far the memory in use rose while `act` ran, whatever it was before.
template <class Act>
int64_t rise_of_memory(Act act) {
  ::malloc_trim(0);                                 // what earlier tests left would hide it
  std::ofstream("/proc/self/clear_refs") << "5\n";  // the peak begins anew
  const int64_t before = memory("VmRSS:");
  act();
  return memory("VmHWM:") - before;
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("scored set: frames in the index's order, videos sorted, the file as the whole one is written") {
    const TemporaryFolder folder;
    const Index index = example();
    const ScoredSet set = scored(index, {-1, -2, 0, 3, 1, 2}, folder / "a/predictions.csv");
    REQUIRE(set.videos.size() == 4);
    CHECK(set.videos[0].id == "054");
    CHECK(set.videos[2].method == "Deepfakes");
    CHECK(set.video == std::vector<int>{1, 1, 0, 3, 3, 2});
    CHECK(set.prob_fake[2] == 0.5);

    const std::vector<FramePrediction> read = read_predictions(folder / "a/predictions.csv");
    REQUIRE(read.size() == 6);
    CHECK(read[4].path == "FaceSwap/071_054/1.png");
    CHECK(read[4].frame == 1);
    CHECK(predictions_csv(read) == read_file(folder / "a/predictions.csv"));
    const ScoredSet back = scored_set(read);
    CHECK(back.video == set.video);
    CHECK(back.prob_fake == set.prob_fake);
    CHECK(back.videos[3].folder == "071_054");
  }

  TEST_CASE("scored set: a file that is not finished is not there, and leaves the old one") {
    const TemporaryFolder folder;
    const Index index = example();
    write_file(folder / "p.csv", "old");
    {
      ScoredSetBuilder builder(index, folder / "p.csv");
      builder.add(score_of(1));
    }
    CHECK(read_file(folder / "p.csv") == "old");
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
    ScoredSetBuilder builder(index, {});
    builder.add(score_of(1));
    CHECK(contains(error_of(Exit::internal, [&] { builder.finish(); }), "every frame"));
  }

  TEST_CASE("scored set: by folder, methods that share a name are one video, as DeepfakeBench has it") {
    const ScoredSet set = scored(example(), {-1, -2, 0, 3, 1, 2});
    const ChosenScores all = {set.prob_fake};
    CHECK(video_predictions(set, VideoKey::identity, all).size() == 4);
    const std::vector<VideoPrediction> merged = video_predictions(set, VideoKey::folder, all);
    REQUIRE(merged.size() == 3);
    CHECK(merged[2].video == "071_054");
    CHECK(merged[2].method == "several");
    CHECK(merged[2].dataset == "set");
    CHECK(merged[2].n_frames == 3);
    CHECK(merged[2].label == 1);
    CHECK(merged[2].prob_fake ==
          doctest::Approx((set.prob_fake[3] + set.prob_fake[4] + set.prob_fake[5]) / 3).epsilon(1e-15));
    // One method's fakes and all reals.
    const std::string swap = "FaceSwap";
    CHECK(video_predictions(set, VideoKey::folder, {set.prob_fake, &swap})[2].n_frames == 2);

    // A folder of both classes is real, for the whole mean of its labels is 0.
    Index index = example();
    index.videos[2].frames = {"071/0.png", "071/1.png"},
    index.videos[0].frames = {"x/071/0.png", "x/071/1.png"};
    const ScoredSet mixed = scored(index, {-1, -2, 0, 3, 1, 2});
    const std::vector<VideoPrediction> videos = video_predictions(mixed, VideoKey::folder, {mixed.prob_fake});
    REQUIRE(videos.size() == 3);
    CHECK(videos[1].video == "071");
    CHECK(videos[1].n_frames == 4);
    CHECK(videos[1].label == 0);
  }

  TEST_CASE("scored set: the folder of a frame, and of a frame of a video file") {
    CHECK(folder_name("a/youtube/c23/frames/071/012.png") == "071");
    CHECK(folder_name("a/videos/071_054.mp4#120") == "071_054");
    CHECK(folder_name("alone.png") == "");
  }

  TEST_CASE("scored set: a video without any readable frame scores one half, and is counted") {
    const Index index = example();
    ScoredSetBuilder builder(index, {});
    builder.add(score_of(-1)), builder.leave_out();  // 071
    builder.leave_out();                             // 054
    builder.add(score_of(2)), builder.add(score_of(1)), builder.leave_out();
    const ScoredSet set = builder.finish();
    CHECK(set.unreadable == 3);
    CHECK(set.failed == std::vector<int>{0, 2});
    CHECK(set.video == std::vector<int>{1, 3, 3});
    const std::vector<VideoPrediction> videos = video_predictions(set, VideoKey::identity, {set.prob_fake});
    REQUIRE(videos.size() == 4);
    CHECK(videos[0].prob_fake == 0.5);
    CHECK(videos[0].n_frames == 0);
    CHECK(videos[2].label == 1);
    const Evaluation e = evaluate("set", set, 1);
    CHECK(e.all.frames.count == 3);
    CHECK(e.all.videos.count == 4);
    CHECK(*e.all.videos.auc == 0.875);  // 0.5 ties with 0.5 and beats 0.27, 0.8 beats both
    CHECK(e.failed == std::vector<std::string>{"real/054", "Deepfakes/071_054"});
  }

  TEST_CASE("scored set: 100,000 frames more take what their scores take, and nothing of their names") {
#if defined(__SANITIZE_ADDRESS__)
    MESSAGE("skipped: freed memory is kept by the sanitizer");
    return;
#endif
    // Long names, so that keeping them would show: 300 bytes a frame.
    const TemporaryFolder folder;
    const auto index_of = [](int videos) {
      Index index;
      for (int v = 0; v < videos; ++v)
        index.videos.push_back(video(v % 2 ? "fake" : "real", v % 2, std::to_string(v),
                                     std::string(300, 'x') + "/" + std::to_string(v), 50));
      return index;
    };
    const auto evaluated = [&](const Index& index) {
      ScoredSetBuilder builder(index, folder / "predictions.csv");
      for (size_t i = 0; i < builder.frames(); ++i) builder.add(score_of(float(i * 7919 % 1000) / 500 - 1));
      const ScoredSet set = builder.finish();
      Evaluation e = evaluate("set", set, 1);
      write_evaluation(folder.path(), e, set);
      return e.all.frames.count;
    };
    const Index index = index_of(2000);
    const int64_t rise = rise_of_memory([&] { CHECK(evaluated(index) == 100000); });
    // Kept: 16 bytes. While metrics are made: scores, labels and videos of the chosen 16, once more as much
    // while these vectors grow, their order 8, thresholds 24, the curve 24. 4 MB for the file's buffer, 2000
    // videos and the first use of whatever is used first.
    const int64_t a_frame = 16 + 2 * 16 + 8 + 24 + 24;
    MESSAGE("the memory in use rose by " << rise << " bytes for 100,000 frames");
    CHECK(rise < 100000 * a_frame + (4 << 20));
    CHECK(fs::file_size(folder / "predictions.csv") > 100000 * 300);
  }
}

}  // namespace rc
