#include "data/evenly_spaced.h"

#include <array>
#include <thread>

#include "data/augment.h"
#include "data/frame.h"
#include "data/frames_ahead.h"
#include "data/reencode.h"
#include "data/sampler.h"
#include "data/video_entry.h"
#include "engine/file.h"
#include "engine/sha256.h"
#include "tests/data/clips.h"
#include "tests/golden/golden.h"

namespace rc {
namespace {

Video file_of(int label, const std::string& id, const std::string& file, const std::string& target = {},
              const std::string& source = {}) {
  Video video;
  video.dataset = "D", video.split = "train", video.method = label ? "M" : "real", video.label = label;
  video.id = id, video.target = target, video.source = source, video.frames = {file};
  return video;
}

std::vector<int64_t> numbers_of(const Video& video) {
  std::vector<int64_t> numbers;
  for (const std::string& entry : video.frames) numbers.push_back(video_frame(entry).value().number);
  return numbers;
}

TEST_SUITE("unit") {
  TEST_CASE("frames are those that NumPy's linspace picks") {
    const auto golden = golden::load("spacing");
    for (const auto& example : golden["examples"])
      CHECK(spaced_numbers(example["have"], example["wanted"]) ==
            example["picked"].get<std::vector<int64_t>>());
    for (const auto& all : golden["hashes"]) {
      std::string text;
      for (int64_t have = 1; have < 1000; ++have) {
        const std::vector<int64_t> numbers = spaced_numbers(have, all["wanted"]);
        for (size_t i = 0; i < numbers.size(); ++i) text += (i ? " " : "") + std::to_string(numbers[i]);
        text += "\n";
      }
      CHECK(sha256(text) == all["sha256"].get<std::string>());
    }
  }

  TEST_CASE("a frame of a video file is told from an image by its name") {
    CHECK(video_frame("a/071.mp4#120").value().number == 120);
    CHECK(video_frame("a/071.mp4#120").value().file == "a/071.mp4");
    CHECK(video_frame(frame_entry("b#1/x.MKV", 7)).value().file == "b#1/x.MKV");
    for (const char* other : {"a/071.mp4", "a/071.png#120", "a/071.mp4#", "a/071.mp4#-1", "a/071.mp4#1x",
                              "a.mp4/3.png", "#3", "", "a/071.mp4#99999999999999999999"})
      CHECK_FALSE(video_frame(other));
    for (const char* name : {"a.mp4", "A.MP4", "x/y.avi", "y.webm"}) CHECK(is_video_name(name));
    for (const char* name : {"mp4", "a.mp4/b", "a.png", "a.mp4.part", ""}) CHECK_FALSE(is_video_name(name));
  }

  TEST_CASE("video files become their frames, counted by decoding; what is broken is remarked on") {
    if (no_videos()) return;
    const TemporaryFolder folder;
    const std::string whole = encode_mp4(clip_of(12), 20);
    write_file(folder / "0.mp4", whole);
    write_file(folder / "1.mp4", encode_mp4(clip_of(30), 20));
    write_file(folder / "0_1.mp4", encode_mp4(clip_of(9), 20));
    write_file(folder / "none.mp4", "no video");
    Index index;
    index.root = folder.path(), index.hash = "h";
    index.videos = {file_of(0, "0", "0.mp4", "0"), file_of(0, "1", "1.mp4", "1"),
                    file_of(1, "0_1", "0_1.mp4", "0", "1"), file_of(1, "none", "none.mp4")};
    index.videos[0].sha256 = {sha256(whole)};

    const Index all = evenly_spaced(index, 0), own = evenly_spaced(index, 4),
                paired = evenly_spaced(index, 4, Spacing::target);
    REQUIRE(all.videos.size() == 3);
    CHECK(all.videos[1].frames.size() == 30);
    CHECK(all.videos[0].sha256.empty());
    CHECK(all.hash == "h");
    REQUIRE(all.remarks.size() == 1);
    CHECK(contains(all.remarks[0], "none.mp4 is left out"));
    CHECK(numbers_of(own.videos[0]) == std::vector<int64_t>{0, 3, 7, 11});
    CHECK(numbers_of(own.videos[2]) == std::vector<int64_t>{0, 2, 5, 8});
    CHECK(numbers_of(paired.videos[2]) == std::vector<int64_t>{0, 3, 7});  // frame 11 is not there
    CHECK(Sampler(paired, {.pairing = "tuple", .batch = 4, .views = 1}).pairs());
    CHECK(nearest(clip_of(12), read_frame(own, 0, 2)) == 7);

    index.videos[0].sha256 = {std::string(64, '0')};
    CHECK(evenly_spaced(index, 4).videos.size() == 2);
    index.videos = {file_of(1, "none", "none.mp4")};
    CHECK(contains(error_of(Exit::data, [&] { evenly_spaced(index, 4); }), "no video can be read"));
  }

  TEST_CASE("a forgery tuple of video files is of one frame number") {
    if (no_videos()) return;
    const TemporaryFolder folder;
    for (const char* name : {"0.mp4", "1.mp4", "0_1.mp4", "1_0.mp4"})
      write_file(folder / name, encode_mp4(clip_of(name[1] == '.' ? 20 : 17, 16, 32), 30));
    Index index;
    index.root = folder.path();
    index.videos = {file_of(0, "0", "0.mp4", "0"), file_of(0, "1", "1.mp4", "1"),
                    file_of(1, "0_1", "0_1.mp4", "0", "1"), file_of(1, "1_0", "1_0.mp4", "1", "0")};
    index = evenly_spaced(index, 6, Spacing::target);
    const Sampler sampler(index, {.pairing = "tuple", .batch = 4, .views = 1});
    for (uint32_t step = 0; step < 20; ++step) {
      const std::vector<Sample> batch = sampler.batch(0, step);
      const auto number = [&](size_t i) {
        const Video& video = index.videos[size_t(batch[i].video)];
        return video_frame(video.frames[size_t(batch[i].frame)]).value().number;
      };
      CHECK(number(2) == number(0));
      CHECK(number(3) == number(0));
      CHECK(number(0) < 17);
    }
  }

  TEST_CASE("frames read ahead are the frames read one by one, for any number of threads") {
    if (no_videos()) return;
    const TemporaryFolder folder;
    Index index;
    index.root = folder.path();
    for (int v = 0; v < 5; ++v) {
      const std::string name = std::to_string(v);
      write_file(folder / (name + ".mp4"), encode_mp4(clip_of(5 + v), 20));
      write_image(folder / (name + ".png"), noise(16, 16, uint32_t(v)));
      index.videos.push_back(file_of(0, name, name + ".mp4"));
      index.videos.push_back(file_of(0, name + "i", name + ".png"));
    }
    index = evenly_spaced(index, 4);
    index.videos[2].frames.push_back("1.mp4#99");  // is not there
    std::vector<Image> expected;
    for (size_t v = 0; v < index.videos.size(); ++v)
      for (size_t f = 0; f < index.videos[v].frames.size(); ++f)
        expected.push_back(v == 2 && f == 4 ? Image() : read_frame(index, int(v), int(f)));
    for (const int threads : {1, 3, 8}) {
      FramesAhead frames(
          index,
          [](Image image, size_t number) {
            image.rgb[0] = uint8_t(number);
            return image;
          },
          size_t(threads));
      std::vector<Image> taken(expected.size());
      std::atomic<size_t> next = 0, failed = 0;
      {
        std::vector<std::jthread> pool;
        for (int t = 0; t < threads; ++t)
          pool.emplace_back([&] {
            for (size_t i; (i = next++) < taken.size();) try {
                taken[i] = frames.take(i);
              } catch (const Error&) {
                ++failed;
              }
          });
      }
      CHECK(failed == 1);
      for (size_t i = 0; i < taken.size(); ++i) {
        Image image = expected[i];
        if (!image.rgb.empty()) image.rgb[0] = uint8_t(i);
        CHECK(taken[i] == image);
      }
    }
  }
}

}  // namespace
}  // namespace rc
