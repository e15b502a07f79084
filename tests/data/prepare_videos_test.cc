#include "data/prepare_videos.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "data/reencode.h"
#include "data/synth.h"
#include "engine/file.h"
#include "tests/data/clips.h"

namespace rc {
namespace {
namespace fs = std::filesystem;

constexpr const char* kReal = "original_sequences/youtube/c23/videos/";
constexpr const char* kFake = "manipulated_sequences/Deepfakes/c23/videos/";

// A person who walks through a grey room, a pixel a frame; frames in `away` show the room alone.
std::vector<Image> walk(uint32_t person, int frames, const std::vector<int>& away = {}, int width = 300) {
  const Image face = draw_person(1, person, 200).face;
  std::vector<Image> clip;
  for (int k = 0; k < frames; ++k) {
    Image& image = clip.emplace_back(220, width);
    std::ranges::fill(image.rgb, uint8_t(120));
    if (std::ranges::count(away, k) > 0) continue;
    for (int y = 0; y < 200; ++y) std::copy_n(face.at(y, 0), 600, image.at(y + 10, 20 + k));
  }
  return clip;
}

std::vector<Image> greener(std::vector<Image> clip) {
  for (Image& image : clip)
    for (size_t i = 1; i < image.rgb.size(); i += 3) image.rgb[i] = uint8_t(std::min(255, image.rgb[i] + 20));
  return clip;
}

void write_video(const fs::path& path, const std::vector<Image>& clip) {
  write_file(path, encode_mp4(clip, 10, "veryfast"));
}

Video row(int label, const std::string& id, const std::string& file) {
  Video video;
  video.dataset = "FF++", video.split = "train", video.label = label, video.id = id, video.comp = "c23";
  video.method = label ? "Deepfakes" : "real", video.frames = {file};
  video.target = id.substr(0, 3), video.source = label ? id.substr(4) : "";
  return video;
}

// 000 and 001, and both ways between them; 001_000 is cut short and 000_001 as long as its target.
Index corpus_in(const fs::path& root) {
  write_video(root / kReal / "000.mp4", walk(1, 12));
  write_video(root / kReal / "001.mp4", walk(2, 12));
  write_video(root / kFake / "000_001.mp4", greener(walk(1, 12)));
  write_video(root / kFake / "001_000.mp4", greener(walk(2, 9)));
  Index index;
  index.root = root, index.hash = "h";
  index.videos = {row(0, "000", std::string(kReal) + "000.mp4"),
                  row(0, "001", std::string(kReal) + "001.mp4"),
                  row(1, "000_001", std::string(kFake) + "000_001.mp4"),
                  row(1, "001_000", std::string(kFake) + "001_000.mp4")};
  return index;
}

PrepareVideosOptions options(int frames, int threads = 2) {
  PrepareVideosOptions o;
  o.frames = frames, o.crops.threads = threads, o.crops.size = 96;
  return o;
}

bool cannot_run() {
  if (!fs::exists(kLandmarkModel)) {
    MESSAGE("skipped: no landmark model at ", kLandmarkModel);
    return true;
  }
  return no_videos();
}

const FaceFinder& finder() {
  static const FaceFinder one;
  return one;
}

TEST_SUITE("host") {
  TEST_CASE("videos become crops in DeepfakeBench's tree, fakes with their targets' boxes and landmarks") {
    if (cannot_run()) return;
    const TemporaryFolder folder;
    const Index index = corpus_in(folder / "in");
    write_file(folder / "in/splits/train.json", "[[\"000\", \"001\"]]");
    const PrepareVideosReport report = prepare_videos(index, true, folder / "out", finder(), options(4));
    REQUIRE(report.videos.size() == 4);
    const PreparedVideo &real = report.videos[0], &fake = report.videos[2], &shorter = report.videos[3];
    CHECK(real.crops == 4);
    CHECK(real.geometry == "own");
    CHECK(fake.crops == 4);
    CHECK(fake.geometry == "000");
    CHECK(shorter.frames == 9);
    CHECK(shorter.cut == 1);  // frame 11 of 0, 3, 7, 11
    CHECK(shorter.crops == 4);
    CHECK(shorter.repeated == 1);

    auto files = files_of(folder / "out");
    const std::string frames = "original_sequences/youtube/c23/frames/000/",
                      marks = "original_sequences/youtube/c23/landmarks/000/",
                      forged = "manipulated_sequences/Deepfakes/c23/frames/000_001/";
    for (const char* name : {"000", "003", "007", "011"}) {
      REQUIRE(files.contains(frames + name + ".png"));
      CHECK(files.at(marks + name + ".npy") ==
            files.at("manipulated_sequences/Deepfakes/c23/landmarks/000_001/" + std::string(name) + ".npy"));
      const Image a = read_image(folder / "out" / (frames + name + ".png")),
                  b = read_image(folder / "out" / (forged + name + ".png"));
      CHECK(a.width == 96);
      // The same face at the same place, 20 greener in one of three channels; a shift of one pixel costs
      // more.
      CHECK(mean_difference(a, b) < 9);
    }
    CHECK(files.contains("manipulated_sequences/Deepfakes/c23/frames/001_000/000_1.png"));
    CHECK(files.contains("splits/train.json"));
    CHECK(contains(files.at("report.csv"), "\"001\",\"\"\n"));

    const Index made = load_index(folder / "out/index.jsonl");
    REQUIRE(made.videos.size() == 4);
    CHECK(made.videos[0].frames.size() == 4);
    CHECK(made.has_pairs());
    Index back = made;
    for (Video& video : back.videos) video.frames = {};
    CHECK(back.videos[3].target == "001");
  }

  TEST_CASE("frames without a face and short videos go by the policy, and are counted") {
    if (cannot_run()) return;
    const TemporaryFolder folder;
    write_video(folder / "in/a.mp4", walk(1, 5, {0, 2}));
    write_video(folder / "in/deep/b.mp4", walk(2, 2));
    write_video(folder / "in/empty.mp4", walk(2, 5, {0, 1, 2, 3, 4}));
    write_file(folder / "in/torn.mp4", "no video");
    const Index index = videos_below(folder / "in");
    REQUIRE(index.videos.size() == 4);
    const auto report = [&](const char* name, Shortage short_videos, Shortage no_face) {
      PrepareVideosOptions o = options(5);
      o.short_videos = short_videos, o.no_face = no_face;
      return prepare_videos(index, false, folder / name, finder(), o).videos;
    };
    const auto drop = report("drop", Shortage::drop, Shortage::drop);
    CHECK(drop[0].crops == 3);
    CHECK(drop[0].no_face == 2);
    CHECK(drop[1].folder == "");
    CHECK(contains(drop[1].note, "only 2 of 5 frames"));
    CHECK(contains(drop[2].note, "no face in 5 frames"));
    CHECK(contains(drop[3].note, "Invalid data"));
    CHECK(!fs::exists(folder / "drop/index.jsonl"));

    const auto repeat = report("repeat", Shortage::repeat, Shortage::repeat);
    CHECK(repeat[0].crops == 5);
    CHECK(repeat[0].no_face == 2);
    CHECK(repeat[1].crops == 5);
    CHECK(repeat[1].repeated == 3);
    CHECK(fs::exists(folder / "repeat/a/000.png"));
    CHECK(fs::exists(folder / "repeat/landmarks/a/002.npy"));
    CHECK(fs::exists(folder / "repeat/deep/b/000_3.png"));
    CHECK(repeat[2].folder == "");
    // Frame 2 has the place of frame 1, the earlier of its neighbours.
    CHECK(read_file(folder / "repeat/landmarks/a/002.npy") ==
          read_file(folder / "repeat/landmarks/a/001.npy"));

    CHECK(contains(error_of(Exit::data, [&] { report("e", Shortage::repeat, Shortage::error); }), "#0"));
    CHECK(
        contains(error_of(Exit::data, [&] { report("f", Shortage::error, Shortage::repeat); }), "too short"));
  }

  TEST_CASE("killed at any time it goes on, to the same bytes, for any number of threads") {
    if (cannot_run()) return;
    const TemporaryFolder folder;
    const Index index = corpus_in(folder / "in");
    prepare_videos(index, true, folder / "whole", finder(), options(6, 1));
    const auto whole = files_of(folder / "whole");

    // What is left when the first record is being written, and what when a note is.
    write_file(folder / "killed/.prepare/work/prepare.json.abcdef", "{");
    write_file(folder / "killed/.prepare/work/2.json.abcdef", "{");
    int kills = 0;
    for (bool ended = false; !ended;) {
      const pid_t child = ::fork();
      if (child == 0) {
        try {
          prepare_videos(index, true, folder / "killed", finder(), options(6, 2));
        } catch (...) {
          ::_exit(1);
        }
        ::_exit(0);
      }
      REQUIRE(child > 0);
      // Later each time, so that it gets on, and at first before any machine is done.
      std::this_thread::sleep_for(std::chrono::milliseconds(10 * (1 << kills++ / 2)));
      ::kill(child, SIGKILL);
      int status = 0;
      ::waitpid(child, &status, 0);
      ended = WIFEXITED(status);
      if (ended) CHECK(WEXITSTATUS(status) == 0);
      REQUIRE(kills < 30);
    }
    CHECK(kills > 1);
    const PrepareVideosReport again = prepare_videos(index, true, folder / "killed", finder(), options(6, 2));
    CHECK(again.before == 4);
    CHECK(files_of(folder / "killed") == whole);

    const std::string other =
        error_of(Exit::usage, [&] { prepare_videos(index, true, folder / "killed", finder(), options(5)); });
    CHECK(contains(other, "frames 6, now 5"));
    PrepareVideosOptions anew = options(5);
    anew.crops.replace = true;
    CHECK(prepare_videos(index, true, folder / "killed", finder(), anew).before == 0);
    write_file(folder / "foreign/file", "x");
    CHECK(contains(
        error_of(Exit::usage, [&] { prepare_videos(index, true, folder / "foreign", finder(), options(5)); }),
        "already exists"));
  }
}

}  // namespace
}  // namespace rc
