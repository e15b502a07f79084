// Every layout in miniature, with the traps of the real one in it, and the index that must come of it.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/dfb_index.h"
#include "data/ffpp_splits.h"
#include "data/layout.h"
#include "data/listing.h"
#include "engine/sha256.h"
#include "tests/data/trees.h"

namespace rc {
namespace {
namespace fs = std::filesystem;

std::string load_error(const fs::path& path, const ReadOptions& options = {}) {
  return error_of(Exit::data, [&] { load_index(path, options); });
}

ReadOptions as(const std::string& format) {
  ReadOptions options;
  options.format = format;
  return options;
}

const char* const kFfpp = "original_sequences/youtube/c23/";
std::string ffpp_fake(const std::string& method) { return "manipulated_sequences/" + method + "/c23/"; }

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("the official splits of FF++ are the official files, byte for byte") {
    std::set<std::string> ids;
    for (const auto& [split, pairs, hash] :
         {std::tuple("train", 360u, "e59386911255e6fb0a79a7808ec2210536b8c0474268342694c4bca766d1b347"),
          std::tuple("val", 70u, "b48cc511f66938e05356aaa9c67e150b1e3638c355db3d745225b0022884b36e"),
          std::tuple("test", 70u, "886f5a0da623c25820692e0d8dc33d197ddb1db527a7f1cfcb9bcbca60fe4f40")}) {
      CHECK(ffpp_pairs(split).size() == pairs);
      std::string text = "[";
      for (const auto& [a, b] : ffpp_pairs(split)) {
        text += std::string(text == "[" ? "" : ",") + "\n  [\n    \"" + a + "\",\n    \"" + b + "\"\n  ]";
        ids.insert({a, b});
      }
      CHECK(sha256(text + "\n]") == hash);
    }
    CHECK(ids.size() == 1000);  // disjoint, and all there are
    CHECK(*ids.begin() == "000");
    CHECK(*ids.rbegin() == "999");
  }

  TEST_CASE("FF++ as downloaded: video files, official splits, all methods; own lists win") {
    const TemporaryFolder root;
    // Of train, val and test.
    for (const char* id : {"071", "054", "720", "672", "000", "003"})
      touch(root / kFfpp / "videos" / (id + std::string(".mp4")));
    for (const char* id : {"071_054", "672_720", "000_003"})
      for (const char* method : {"Deepfakes", "FaceShifter"})
        touch(root / ffpp_fake(method) / "videos" / (id + std::string(".mp4")));
    const Index index = load_index(root.path());
    CHECK(summary(index) == R"(test real real/000 000<- c23 1 original_sequences/youtube/c23/videos/000.mp4
test real real/003 003<- c23 1 original_sequences/youtube/c23/videos/003.mp4
test fake Deepfakes/000_003 000<-003 c23 1 manipulated_sequences/Deepfakes/c23/videos/000_003.mp4
test fake FaceShifter/000_003 000<-003 c23 1 manipulated_sequences/FaceShifter/c23/videos/000_003.mp4
train real real/054 054<- c23 1 original_sequences/youtube/c23/videos/054.mp4
train real real/071 071<- c23 1 original_sequences/youtube/c23/videos/071.mp4
train fake Deepfakes/071_054 071<-054 c23 1 manipulated_sequences/Deepfakes/c23/videos/071_054.mp4
train fake FaceShifter/071_054 071<-054 c23 1 manipulated_sequences/FaceShifter/c23/videos/071_054.mp4
val real real/672 672<- c23 1 original_sequences/youtube/c23/videos/672.mp4
val real real/720 720<- c23 1 original_sequences/youtube/c23/videos/720.mp4
val fake Deepfakes/672_720 672<-720 c23 1 manipulated_sequences/Deepfakes/c23/videos/672_720.mp4
val fake FaceShifter/672_720 672<-720 c23 1 manipulated_sequences/FaceShifter/c23/videos/672_720.mp4
)");
    CHECK(index.remarks.empty());

    // Lists of one's own decide, in the tree or beside it.
    write_file(root / "lists/train.json", R"([["000", "003"], ["720", "672"]])");
    write_file(root / "lists/val.json", R"([["071", "054"]])");
    write_file(root / "lists/test.json", "[]");
    ReadOptions options;
    options.splits = (root / "lists").string();
    const Index other = load_index(root.path(), options);
    CHECK(other.only_split("val").videos.front().id == "054");
    CHECK(other.only_split("train").videos.size() == 8);
    fs::rename(root / "lists", root / "splits");
    CHECK(to_jsonl(load_index(root.path())) == to_jsonl(other));
    CHECK(contains(load_error(root.path(), options), "no split lists in"));
    fs::remove_all(root / "splits");

    // A pair that is no official one: these are not the official videos, and people are kept together by
    // hash.
    touch(root / ffpp_fake("FaceSwap") / "videos/071_000.mp4");
    const Index own = load_index(root.path());
    std::set<std::string> splits;
    for (const Video& video : own.videos)
      if (video.target == "071" || video.target == "054" || video.target == "000" || video.target == "003")
        splits.insert(video.split);
    CHECK(splits.size() == 1);
  }

  TEST_CASE("FF++ with frames and files: frames win and it is said; empty videos; frames by number") {
    const TemporaryFolder root;
    for (const char* id : {"000", "003", "281"}) touch(root / kFfpp / "videos" / (id + std::string(".mp4")));
    for (const int i : {10, 9, 100}) touch(root / kFfpp / "frames/000" / (std::to_string(i) + ".png"));
    fs::create_directories(root / kFfpp / "frames/281");
    make_video(root / ffpp_fake("Deepfakes") / "frames/000_003", 2);
    touch(root / ffpp_fake("Deepfakes") / "masks/000_003/0.png");
    const Index index = load_index(root.path());
    CHECK(summary(index) == R"(test real real/000 000<- c23 3 original_sequences/youtube/c23/frames/000/9.png
test fake Deepfakes/000_003 000<-003 c23 2 manipulated_sequences/Deepfakes/c23/frames/000_003/0.png
)");
    CHECK(index.videos[0].frames[2] == "original_sequences/youtube/c23/frames/000/100.png");
    CHECK(index.skipped == std::vector<std::string>{"original_sequences/youtube/c23/frames/281"});
    CHECK(remarks_of(index) ==
          "frames are read in original_sequences/youtube/c23, not the 3 video files beside them, 2 of which "
          "have no "
          "frames: 003, 281\n");
  }

  TEST_CASE("Google's Deepfake Detection set is one of its own") {
    const TemporaryFolder root;
    const std::string real = "original_sequences/actors/raw/",
                      fake = "manipulated_sequences/DeepFakeDetection/c0/";
    make_video(root / real / "frames/01__hall", 2);
    touch(root / fake / "videos/01_02__hall__ABCDEFGH.mp4");
    const std::string dfd =
        R"(test real real/01__hall 01__hall<- raw 2 original_sequences/actors/raw/frames/01__hall/0.png
test fake DeepFakeDetection/01_02__hall__ABCDEFGH 01__hall<-02__hall raw 1 manipulated_sequences/DeepFakeDetection/c0/videos/01_02__hall__ABCDEFGH.mp4
)";
    CHECK(summary(load_index(root.path())) == dfd);
    CHECK(load_index(root.path()).videos[0].dataset == "DFD");

    touch(root / kFfpp / "videos/000.mp4");
    touch(root / ffpp_fake("Deepfakes") / "videos/000_003.mp4");
    const Index ffpp = load_index(root.path());
    CHECK(ffpp.videos.size() == 2);
    CHECK(contains(remarks_of(ffpp), "--format dfd"));
    CHECK(summary(load_index(root.path(), as("dfd"))) == dfd);
  }

  TEST_CASE(
      "Celeb-DF: the list says 1 for real, the folder says what is true, and one of the source's split is "
      "paired") {
    for (const char* youtube : {"YouTube-real", "Youtube-real"}) {
      const TemporaryFolder above;
      const fs::path root = above / "Celeb-DF-v2";
      for (const char* id : {"id0_0000", "id0_0001", "id1_0000", "id1_0007"})
        touch(root / "Celeb-real" / (id + std::string(".mp4")));
      make_video(root / youtube / "frames/00170", 2);
      touch(root / youtube / "videos/00170.mp4");
      for (const char* id : {"id0_id1_0000", "id0_id1_0001", "id1_id0_0007"})
        touch(root / "Celeb-synthesis/videos" / (id + std::string(".mp4")));
      write_file(root / "List_of_testing_videos.txt",
                 "1 YouTube-real/00170.mp4\r\n1 Celeb-real/id0_0000.mp4\n1 Celeb-real/id1_0000.mp4\n"
                 "0 Celeb-synthesis/id0_id1_0000.mp4\n1 Celeb-real/id9_0000.mp4\n\n");
      const Index index = load_index(root);
      const std::string folder = youtube;
      CHECK(summary(index.only_split("test")) ==
            "test real real/00170 00170<- 2 " + folder + R"(/frames/00170/0.png
test real real/id0_0000 id0_0000<- 1 Celeb-real/id0_0000.mp4
test real real/id1_0000 id1_0000<- 1 Celeb-real/id1_0000.mp4
test fake Celeb-synthesis/id0_id1_0000 id0_0000<-id1_0000 1 Celeb-synthesis/videos/id0_id1_0000.mp4
)");
      for (const Video& video : index.videos) {
        CHECK(video.dataset == "Celeb-DF-v2");
        if (video.id == "id0_id1_0001") {
          CHECK(video.split != "test");
          CHECK(video.target == "id0_0001");
          // id1 has no 0001: any of id1's in that split, if there is one.
          const bool other = std::ranges::any_of(
              index.videos, [&](const Video& v) { return v.id == "id1_0007" && v.split == video.split; });
          CHECK(video.source == (other ? "id1_0007" : ""));
        }
      }
      CHECK(contains(remarks_of(index),
                     "1 videos of List_of_testing_videos.txt are not here: celeb-real/id9_0000"));
      CHECK(contains(remarks_of(index), "frames are read in " + folder));
    }
  }

  TEST_CASE("Celeb-DF's version is what its folder says as a word") {
    const TemporaryFolder above;
    for (const auto& known : {std::pair("Celeb-DF-v1", "Celeb-DF-v1"),
                              {"celebdf_v2_frames", "Celeb-DF-v2"},
                              {"CelebDFv2", "Celeb-DF-v2"},
                              {"v1", "Celeb-DF-v1"},
                              {"nov1ce", "Celeb-DF"},
                              {"abv2", "Celeb-DF"},
                              {"v21", "Celeb-DF"}}) {
      const std::string name = known.first;
      CAPTURE(name);
      const std::filesystem::path root = above / name;
      touch(root / "Celeb-synthesis/id0_id1_0000.mp4");
      touch(root / "Celeb-real/id0_0000.mp4");
      write_file(root / "List_of_testing_videos.txt", "1 Celeb-real/id0_0000.mp4\n");
      for (const Video& video : load_index(root).videos) CHECK(video.dataset == known.second);
    }
  }

  TEST_CASE("Celeb-DF without its list, or with a bad one") {
    const TemporaryFolder root;
    touch(root / "Celeb-real/id0_0000.mp4");
    touch(root / "Celeb-synthesis/odd.mp4");
    CHECK(contains(load_error(root.path()), "no List_of_testing_videos.txt"));
    for (const char* bad : {"2 Celeb-real/a.mp4", "Celeb-real/a.mp4", "1 a.mp4", "1 Celeb-real/", "1"}) {
      write_file(root / "List_of_testing_videos.txt",
                 "1 Celeb-real/id0_0000.mp4\n" + std::string(bad) + "\n");
      CHECK(contains(load_error(root.path()), "List_of_testing_videos.txt:2"));
    }
    write_file(root / "List_of_testing_videos.txt", "");
    for (const Video& video : load_index(root.path()).videos) {
      CHECK(video.split != "test");
      CHECK(video.dataset == "Celeb-DF");
    }
  }

  TEST_CASE("what a set calls training gives 15 % of its targets to validation, fakes with them") {
    const TemporaryFolder root;
    std::string metadata;
    for (int i = 0; i < 400; ++i) {
      const std::string a = "r" + std::to_string(i), b = "f" + std::to_string(i);
      touch(root / "DFDC/part_0" / (a + ".mp4"));
      touch(root / "DFDC/part_0" / (b + ".mp4"));
      metadata += std::string(i ? "," : "") + "\"" + a +
                  ".mp4\":{\"label\":\"REAL\",\"split\":\"train\"},\"" + b +
                  ".mp4\":{\"label\":\"FAKE\",\"split\":\"train\",\"original\":\"" + a + ".mp4\"}";
    }
    write_file(root / "DFDC/part_0/metadata.json", "{" + metadata + "}");
    std::map<std::string, std::string> split_of;
    int val = 0;
    const Index index = load_index(root / "DFDC");
    for (const Video& video : index.videos) {
      CHECK(video.split != "test");
      split_of[video.id] = video.split;
      val += video.split == "val";
    }
    for (const Video& video : index.videos)
      if (video.label) CHECK(video.split == split_of.at(video.target));
    CHECK(std::abs(val - 120) <= 2 * 21);  // three standard deviations of 400 draws at 0.15, in pairs
  }

  TEST_CASE("DFDC: labels.csv for the test set, metadata.json for the parts, what does not fit is counted") {
    const TemporaryFolder root;
    write_file(root / "test/labels.csv", "filename,label\naa.mp4,0\nbb.mp4,1\ngone.mp4,1\n");
    make_video(root / "test/frames/aa", 2);
    make_video(root / "test/frames/bb", 2);
    make_video(root / "test/frames/unlabelled", 2);
    write_file(root / "train/dfdc_train_part_0/metadata.json",
               R"({"cc.mp4": {"label": "REAL", "split": "train"},
                   "dd.mp4": {"label": "FAKE", "split": "train", "original": "cc.mp4"}})");
    touch(root / "train/dfdc_train_part_0/cc.mp4");
    touch(root / "train/dfdc_train_part_0/dd.mp4");
    const Index index = load_index(root.path());
    CHECK(summary(index.only_split("test")) == R"(test real real/aa aa<- 2 test/frames/aa/0.png
test fake fake/bb <- 2 test/frames/bb/0.png
)");
    CHECK(index.videos.size() == 4);
    for (const Video& video : index.videos)
      if (video.id == "dd") CHECK(video.target == "cc");
    CHECK(contains(remarks_of(index), "1 videos with a label are not here: test/gone"));
    CHECK(contains(remarks_of(index), "1 videos without a label are left out: test/frames/unlabelled/0.png"));

    // The authors' own test set, and SBI's place for the videos.
    const TemporaryFolder other;
    write_file(other / "metadata.json", R"({"aa.mp4": {"is_fake": 0}, "bb.mp4": {"is_fake": 1}})");
    write_file(other / "labels.csv", "filename,label\naa.mp4,0\n");
    touch(other / "videos/aa.mp4");
    touch(other / "videos/bb.mp4");
    CHECK(summary(load_index(other.path())) ==
          "test real real/aa aa<- 1 videos/aa.mp4\ntest fake fake/bb <- 1 videos/bb.mp4\n");
    write_file(other / "labels.csv", "filename,label\naa.mp4,1\n");
    CHECK(contains(load_error(other.path()), "\"aa\" has two labels"));
    write_file(other / "labels.csv", "filename,label\naa.mp4,2\n");
    CHECK(contains(load_error(other.path()), "labels.csv:2"));
    write_file(other / "labels.csv", "aa.mp4,1\n");
    CHECK(contains(load_error(other.path()), "labels.csv:1"));
    fs::remove(other / "labels.csv");
    for (const char* bad :
         {"[]", "{\"a.mp4\": 1}", "{\"a.mp4\": {\"label\": \"real\"}}", "{", "{\"a\": {\"is_fake\": 2}}"}) {
      write_file(other / "metadata.json", bad);
      CHECK(contains(load_error(other.path()), "metadata.json"));
    }
  }

  TEST_CASE("DFDC Preview: dataset.json, its three places for videos, the original of a fake") {
    const TemporaryFolder root;
    write_file(root / "dataset.json", R"({
      "original_videos/643049/643049_1_000.mp4": {"label": "real", "set": "train", "augmentations": [], "target_id": 643049},
      "original_videos/643049/643049_2_000.mp4": {"label": "real", "set": "test"},
      "method_A/643049/643049_A/643049_9_0.mp4": {"label": "fake", "set": "test", "source_video": "643049_2"},
      "method_B/1224068/1224068_C/1224068_C_0.mp4": {"label": "fake", "set": "train"},
      "method_B/1224068/1224068_C/1224068_C_1.mp4": {"label": "fake", "set": "train"}})");
    touch(root / "original_videos/643049/643049_1_000.mp4");
    make_video(root / "original_videos/frames/643049_2_000", 3);
    touch(root / "method_A/videos/643049/643049_A/643049_9_0.mp4");
    make_video(root / "method_B/frames/1224068_C_0", 1);
    const Index index = load_index(root.path());
    CHECK(summary(index.only_split("test")) ==
          R"(test real real/643049_2_000 643049_2_000<- 3 original_videos/frames/643049_2_000/0.png
test fake method_A/643049_9_0 643049_2_000<- 1 method_A/videos/643049/643049_A/643049_9_0.mp4
)");
    CHECK(index.videos.size() == 4);
    CHECK(contains(remarks_of(index),
                   "1 videos of dataset.json are not here: method_B/1224068/1224068_C/1224068_C_1.mp4"));
    for (const char* bad :
         {"[]", "{\"a.mp4\": {\"label\": \"real\", \"set\": \"train\"}}",
          "{\"a/b.mp4\": {\"label\": \"real\"}}", "{\"a/b.mp4\": {\"label\": 1, \"set\": \"train\"}}",
          "{\"/\": {\"label\": \"real\", \"set\": \"train\"}}"}) {
      write_file(root / "dataset.json", bad);
      CHECK(contains(load_error(root.path()), "dataset.json"));
    }
  }

  TEST_CASE(
      "DeeperForensics-1.0: its lists, FF++'s videos as the real part, else the actors with a warning") {
    const TemporaryFolder root;
    for (const char* variant : {"end_to_end", "end_to_end_level_1"}) {
      touch(root / "manipulated_videos" / variant / "000_M101.mp4");
      touch(root / "manipulated_videos" / variant / "003_W002.mp4");
    }
    write_file(root / "lists/splits/train.txt", "000_M101.mp4\n");
    write_file(root / "lists/splits/val.txt", "");
    write_file(root / "lists/splits/test.txt", "003_W002.mp4\r\n");
    touch(root / "source_videos/M101/a/b.mp4");
    touch(root / "source_videos/W002/W002_light.mp4");
    const Index actors = load_index(root.path());
    CHECK(contains(remarks_of(actors), "link its original_sequences"));
    CHECK(contains(summary(actors),
                   "test real real/W002_light W002_light<- 1 source_videos/W002/W002_light.mp4"));

    touch(root / "original_sequences/youtube/c23/videos/000.mp4");
    touch(root / "original_sequences/youtube/c23/videos/003.mp4");
    ReadOptions options = as("deeperforensics");
    CHECK(summary(load_index(root.path(), options)) ==
          R"(test real real/003 003<- 1 original_sequences/youtube/c23/videos/003.mp4
test fake end_to_end/003_W002 003<-W002 1 manipulated_videos/end_to_end/003_W002.mp4
test fake end_to_end_level_1/003_W002 003<-W002 1 manipulated_videos/end_to_end_level_1/003_W002.mp4
train real real/000 000<- 1 original_sequences/youtube/c23/videos/000.mp4
train fake end_to_end/000_M101 000<-M101 1 manipulated_videos/end_to_end/000_M101.mp4
train fake end_to_end_level_1/000_M101 000<-M101 1 manipulated_videos/end_to_end_level_1/000_M101.mp4
)");
    CHECK(summary(load_index(root.path())) ==
          summary(load_index(root.path(), options)));  // though FF++'s folder is there
    write_file(root / "lists/splits/test.txt", "003_M101.mp4\n");
    CHECK(contains(load_error(root.path()), "\"M101\" is in two splits"));
    write_file(root / "lists/splits/test.txt", "nonsense\n");
    CHECK(contains(load_error(root.path()), "test.txt"));
  }

  TEST_CASE("DeepfakeBench's JSON: levels or none, backslashes, other roots, unknown labels") {
    const TemporaryFolder root;
    const std::string json = R"({"FF-DF": {
      "FF-real": {"train": {"c23": {"071": {"label": "FF-real", "frames": [
        "FaceForensics++\\original_sequences\\youtube\\c23\\frames\\071\\010.png",
        "FaceForensics++\\original_sequences\\youtube\\c23\\frames\\071\\9.png"]},
        "281": {"label": "FF-real", "frames": []}},
        "c40": {"071": {"label": "FF-real", "frames": ["c40/071/0.png"]}}}, "val": {"c23": {}}, "test": {"c23": {}}},
      "FF-DF": {"train": {"c23": {"071_054": {"label": "FF-DF", "frames": ["/old/root/071_054/000.png"], "masks": []}}},
        "val": {}, "test": {}}}})";
    write_file(root / "FF-DF.json", json);
    CHECK(contains(load_error(root / "FF-DF.json"), "several compressions"));
    ReadOptions options = at("c23");
    options.path_maps = {"/old=/new", "FaceForensics++="};
    options.root = "/data/ff";
    const Index index = load_index(root / "FF-DF.json", options);
    CHECK(index.root == "/data/ff");
    CHECK(index.videos[0].dataset == "FF++");
    CHECK(summary(index) == R"(train real real/071 071<- c23 2 original_sequences/youtube/c23/frames/071/9.png
train fake Deepfakes/071_054 071<-054 c23 1 /new/root/071_054/000.png
)");
    CHECK(contains(remarks_of(index), "1 videos without frames are left out: FF-real/281"));
    CHECK(contains(remarks_of(index), "--data-root and --path-map"));
    CHECK(contains(load_error(root / "FF-DF.json", at("c40")), "no fake videos"));

    std::string other = json;
    for (size_t at = 0; (at = other.find("FF-DF\"", at)) != std::string::npos; ++at)
      other.replace(at, 5, "MINE");
    write_file(root / "other.json", other);
    const std::string refused = load_error(root / "other.json", options);
    CHECK(contains(refused, "unknown label \"MINE\""));
    CHECK(contains(refused, "FF-real, FF-DF"));
    CHECK(contains(refused, "--label MINE=1"));
    options.labels = {"MINE=1"};
    CHECK(load_index(root / "other.json", options).videos[1].method == "MINE");
    options.labels = {"MINE=0", "FF-real=1"};
    CHECK(load_index(root / "other.json", options).videos[0].method == "real");
    options.labels = {"MINE=2"};
    CHECK(
        contains(error_of(Exit::usage, [&] { load_index(root / "other.json", options); }), "NAME=0 is real"));
  }

  TEST_CASE("DeepfakeBench's JSON: DFDC's malformed val, sets with the same videos in all splits") {
    const TemporaryFolder root;
    const auto entry = [](const std::string& label, const std::string& id) {
      return "\"" + id + "\": {\"label\": \"" + label + "\", \"frames\": [\"" + id + "/0.png\"]}";
    };
    write_file(root / "DFDC.json", "{\"DFDC\": {\"DFDC_Real\": {\"train\": {" + entry("DFDC_Real", "a") +
                                       "}, \"test\": {" + entry("DFDC_Real", "b") +
                                       "}, \"val\": {\"label\": \"DFDC_Real\", \"frames\": [\"x.png\"]}}," +
                                       "\"DFDC_Fake\": {\"train\": {" + entry("DFDC_Fake", "c") +
                                       "}, \"test\": {" + entry("DFDC_Fake", "d") + "}, \"val\": {}}}}");
    const Index dfdc = load_index(root / "DFDC.json");
    CHECK(dfdc.only_split("test").videos.size() == 2);
    CHECK(dfdc.videos.size() == 4);
    CHECK(contains(remarks_of(dfdc), "DFDC/DFDC_Real/val is one video in place of a set"));

    const std::string real = "{" + entry("UADFV_Real", "0000") + "}",
                      fake = "{" + entry("UADFV_Fake", "0000_fake") + "}";
    const auto all = [](const std::string& videos) {
      return "{\"train\": " + videos + ", \"val\": " + videos + ", \"test\": " + videos + "}";
    };
    write_file(root / "UADFV.json",
               "{\"UADFV\": {\"UADFV_Real\": " + all(real) + ", \"UADFV_Fake\": " + all(fake) + "}}");
    const Index uadfv = load_index(root / "UADFV.json");
    CHECK(summary(uadfv) ==
          "test real real/0000 0000<- 1 0000/0.png\ntest fake fake/0000_fake 0000<- 1 0000_fake/0.png\n");
    CHECK(contains(remarks_of(uadfv), "kept in test (else in val) alone; taken out: 2 of train, 2 of val"));

    const auto bad = [&](const std::string& text, const std::string& part) {
      write_file(root / "bad.json", text);
      CHECK(contains(load_error(root / "bad.json"), part));
    };
    bad("[]", "no object");
    bad("{", "parse error");
    bad(R"({"UADFV": {"UADFV_Real": {"dev": {}}}})", "no split \"dev\"");
    bad(R"({"UADFV": {"UADFV_Real": {"test": {"a": {"c23": 1}}}}})", "no object");
    bad(R"({"UADFV": {"UADFV_Real": {"test": {"a": {"c23": {}}}}}})", "no frames");
    bad(R"({"UADFV": {"UADFV_Real": {"test": {"a": {"frames": "b"}}}}})", "frames that are no list");
    bad(R"({"UADFV": {"UADFV_Real": {"test": {"a": {"frames": [1]}}}}})", "a frame that is no path");
    bad(R"({"UADFV": {"UADFV_Real": {"test": {"a": {"frames": [""]}}}}})", "a frame that is no path");
    bad(R"({"UADFV": {"UADFV_Real": {"test": {"a": {"label": 0, "frames": ["b"]}}}}})", "no text");
    bad(R"({"UADFV": {}})", "no videos");
    bad(std::string(100000, '['), "cannot read the index");
    std::string deep;
    for (int i = 0; i < 50000; ++i) deep += "{\"a\":";
    bad(deep, "cannot read the index");
    bad(deep + "1" + std::string(50000, '}'), "no split \"a\"");
  }

  TEST_CASE("an index written for DeepfakeBench reads back the same, and is the same bytes again") {
    const TemporaryFolder root;
    for (const char* id : {"071", "054", "000", "003"}) make_video(root / kFfpp / "frames" / id, 12);
    for (const char* id : {"071_054", "000_003"})
      for (const char* method : {"NeuralTextures", "Own_Method"})  // DeepfakeBench knows one of them
        make_video(root / ffpp_fake(method) / "frames" / id, 2);
    const Index index = load_index(root.path());
    write_file(root / "ff.json", to_dfb(index));
    const Index again = load_index(root / "ff.json");
    CHECK(to_jsonl(again) == to_jsonl(index));
    CHECK(to_dfb(again) == to_dfb(index));
    const auto json = nlohmann::json::parse(to_dfb(index));
    CHECK(json["FaceForensics++"]["FF-NT"]["test"]["c23"]["000_003"]["label"] == "FF-NT");
    CHECK(json["FaceForensics++"]["FF++_Own_Method_Fake"]["test"]["c23"].contains("000_003"));
    CHECK(json["FaceForensics++"]["FF-real"]["test"]["c23"]["000"]["frames"][9] ==
          "original_sequences/youtube/c23/frames/000/9.png");
    CHECK(json["FaceForensics++"]["FF-NT"]["val"] == nlohmann::json::object());
  }

  TEST_CASE("a table of one's own") {
    const TemporaryFolder root;
    write_file(root / "set.csv",
               "\xEF\xBB\xBFpath,label,video,method,split,target,source\r\n"
               "a/10.png,REAL,v1,,train,v1,\r\na/9.png,real,v1,,train,v1,\r\n"
               "b\\0.png,1,v2,Swap,train,v1,v3\r\n\"c,d.png\",0,v3,,Train,v3,\r\n");
    const Index index = load_index(root / "set.csv");
    CHECK(summary(index) == R"(train real real/v1 v1<- 2 a/9.png
train real real/v3 v3<- 1 c,d.png
train fake Swap/v2 v1<-v3 1 b/0.png
)");
    CHECK(index.videos[0].dataset == "set");
    CHECK(index.has_pairs());

    make_video(root / "frames/one", 11);
    fs::create_directories(root / "frames/none");
    write_file(root / "short.csv", "label,path\nfake,frames/one\nreal,two.mp4\nforged,frames/none\n");
    ReadOptions options;
    options.labels = {"forged=1"};
    const Index shorter = load_index(root / "short.csv", options);
    CHECK(shorter.videos.size() == 2);
    for (const Video& video : shorter.videos) CHECK(video.id == (video.label ? "frames/one" : "two"));
    CHECK(shorter.skipped == std::vector<std::string>{"frames/none"});

    const auto bad = [&](const std::string& text, const std::string& part) {
      write_file(root / "bad.csv", text);
      CHECK(contains(load_error(root / "bad.csv"), part));
    };
    bad("", "no rows");
    bad("path,label\n", "no rows");
    bad("file,label\na,1\n", "no column \"file\"");
    bad("path,path,label\na,b,1\n", "twice");
    bad("path,video\na,1\n", "no column path or label");
    bad("path,label\na.png,0\nb.png,2\n", "bad.csv:3");
    bad("path,label\na.png,0,7\n", "3 fields");
    bad("path,label\n,0\n", "no path");
    bad("path,label,split\na,0,dev\n", "\"dev\"");
    bad("path,label,video,target\na,1,v,t\nb,1,v,u\n", "another target");
    bad("path,label\n\"a,0\n", "open quote");
  }

  TEST_CASE("class folders: videos as files, names of one's own, never by the alphabet") {
    const TemporaryFolder root;
    touch(root / "train/manipulated/m/a_b.mp4");
    touch(root / "train/original/a.MP4");
    touch(root / "train/original/b.mkv");
    const Index index = load_index(root.path());
    CHECK(summary(index) == R"(train real real/a a<- 1 train/original/a.MP4
train real real/b b<- 1 train/original/b.mkv
train fake m/a_b a<-b 1 train/manipulated/m/a_b.mp4
)");
    const TemporaryFolder other;
    touch(other / "aaa/x.png");
    touch(other / "zzz/y.png");
    CHECK(contains(load_error(other.path()), "unknown layout"));
    ReadOptions options;
    options.labels = {"aaa=1", "zzz=0"};
    CHECK(load_index(other.path(), options).videos.size() == 2);
    for (const Video& video : load_index(other.path(), options).videos)
      CHECK(video.label == (video.id == "x"));
    options.labels.push_back("aaa=0");
    CHECK(contains(error_of(Exit::usage, [&] { load_index(other.path(), options); }), "both real and fake"));
  }

  TEST_CASE("a format by name: of the right kind, and one that exists") {
    const TemporaryFolder root;
    touch(root / "real/a.png");
    touch(root / "fake/b.png");
    CHECK(load_index(root.path(), as("folders")).videos.size() == 2);
    CHECK(contains(load_error(root.path(), as("dfb")), "is a folder"));
    touch(root / "x.csv");
    CHECK(contains(load_error(root / "x.csv", as("ffpp")), "is a file"));
    CHECK(contains(error_of(Exit::usage, [&] { load_index(root.path(), as("voc")); }),
                   "there are jsonl, dfb, csv"));
    CHECK(contains(load_error(root.path(), as("celebdf")), "no List_of_testing_videos.txt"));
    CHECK(contains(load_error(root.path(), as("ffpp")), "original_sequences"));
  }
}

TEST_SUITE("faults") {
  TEST_CASE("foreign lists with random damage are read or refused") {
    const TemporaryFolder root;
    const std::pair<std::string, std::string> lists[] = {
        {"dfb.json",
         R"({"UADFV": {"UADFV_Real": {"test": {"a": {"label": "UADFV_Real", "frames": ["a\\0.png"]}}},
                        "UADFV_Fake": {"test": {"c23": {"b": {"label": "UADFV_Fake", "frames": ["b/0.png", "b/1.png"]}}}}}})"},
        {"set.csv", "path,label,video,split\na/0.png,real,a,train\n\"b/0.png\",1,b,train\n"},
        {"celeb.txt", "1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id0_id1_0000.mp4\n"},
        {"metadata.json",
         R"({"cc.mp4": {"label": "REAL"}, "dd.mp4": {"label": "FAKE", "split": "train", "original": "cc.mp4"}})"},
        {"labels.csv", "filename,label\naa.mp4,0\nbb.mp4,1\n"},
        {"dataset.json",
         R"({"method_A/1/1_A/1_0.mp4": {"label": "fake", "set": "train", "source_video": "1"}})"}};
    int read = 0, refused = 0;
    for (uint32_t i = 0; i < 1200; ++i) {
      Rng rng(6, Purpose::test, i);
      const auto& [name, text] = lists[i % 6];
      const fs::path file = root / name;
      write_file(file, mutate(text, rng));
      try {
        if (i % 6 < 2) load_index(file);
        if (i % 6 == 2) read_celebdf_list(file);
        if (i % 6 == 3) read_dfdc_metadata(file);
        if (i % 6 == 4) read_dfdc_table(file);
        if (i % 6 == 5) read_dfdcp_list(file);
        ++read;
      } catch (const Error& error) {
        CHECK(error.code() == Exit::data);
        ++refused;
      }
    }
    CHECK(read > 50);
    CHECK(refused > 200);
  }
}

}  // namespace rc
