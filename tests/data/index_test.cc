#include "data/index.h"

#include <algorithm>
#include <map>
#include <set>

#include "data/listing.h"
#include "data/split.h"
#include "tests/data/trees.h"

namespace rc {
namespace {
namespace fs = std::filesystem;

const Video& find(const Index& index, const std::string& method, const std::string& id) {
  const auto at =
      std::ranges::find_if(index.videos, [&](const Video& v) { return v.method == method && v.id == id; });
  REQUIRE_MESSAGE(at != index.videos.end(), method, "/", id);
  return *at;
}

std::string load_error(const fs::path& path, const std::string& compression = {}) {
  return error_of(Exit::data, [&] { load_index(path, at(compression)); });
}

// 000 and 001 in train, 002 and 003 in val, 004 and 005 in test; two methods, both directions of each pair.
void make_ffpp(const fs::path& root, const std::string& compression) {
  for (int i = 0; i < 6; ++i)
    make_video(root / "original_sequences/youtube" / compression / "frames" / ("00" + std::to_string(i)), 3);
  for (const char* method : {"Deepfakes", "Face2Face"})
    for (const char* id : {"000_001", "001_000", "002_003", "003_002", "004_005", "005_004"})
      make_video(root / "manipulated_sequences" / method / compression / "frames" / id, 3);
}

void make_lists(const fs::path& folder) {
  write_file(folder / "train.json", R"([["000", "001"]])");
  write_file(folder / "val.json", R"([["002", "003"]])");
  write_file(folder / "test.json", R"([["004", "005"]])");
}

TEST_SUITE("unit") {
  TEST_CASE("natural order counts") {
    CHECK(natural_less("2", "10"));
    CHECK(natural_less("9", "012"));
    CHECK(natural_less("frame9.png", "frame10.png"));
    CHECK(natural_less("07", "7"));  // equal numbers: byte by byte, so that the order is total
    CHECK(!natural_less("7", "07"));
    CHECK(!natural_less("a", "a"));
    CHECK(natural_less("a", "a1"));
    CHECK(natural_less("99999999999999999999998", "99999999999999999999999"));  // wider than any integer
    std::vector<std::string> names = {"",     "0",   "00",  "1",  "01", "a", "a0",
                                      "a00b", "a0b", "b10", "b9", "10", "9", "9a"};
    for (const auto& a : names)
      for (const auto& b : names) {
        CHECK(int(natural_less(a, b)) + int(natural_less(b, a)) == int(a != b));
        for (const auto& c : names)
          if (natural_less(a, b) && natural_less(b, c)) CHECK(natural_less(a, c));
      }
  }

  TEST_CASE("real and fake folders with images: one image, one video") {
    const TemporaryFolder root;
    for (const char* name : {"0_real/b.png", "0_real/a.JPG", "0_real/note.txt", "0_real/.hidden.png",
                             "1_FAKE/x.jpeg", "1_FAKE/y.bmp"})
      touch(root / name);
    const Index index = load_index(root.path());
    CHECK(index.videos.size() == 4);
    CHECK(find(index, "real", "a").frames == std::vector<std::string>{"0_real/a.JPG"});
    CHECK(find(index, "fake", "y").label == 1);
    CHECK(find(index, "fake", "y").dataset == root.path().filename().string());
    CHECK(!index.has_pairs());
    for (const Video& video : index.videos)
      CHECK(std::set<std::string>{"train", "val", "test"}.contains(video.split));
  }

  TEST_CASE("real and fake folders with videos, methods and pairs") {
    const TemporaryFolder root;
    for (const int i : {10, 9, 100}) touch(root / "train/real/ann_1" / (std::to_string(i) + ".png"));
    make_video(root / "train/real/bob", 2);
    make_video(root / "train/fake/swap/ann_1_bob", 2);
    make_video(root / "train/fake/swap/bob_ann_1", 2);
    make_video(root / "validation/original/cid", 1);
    make_video(root / "validation/original/dan", 1);
    make_video(root / "validation/manipulated/cid_dan", 1);
    fs::create_directories(root / "train/real/empty");
    const Index index = load_index(root.path());
    CHECK(find(index, "real", "ann_1").frames == std::vector<std::string>{"train/real/ann_1/9.png",
                                                                          "train/real/ann_1/10.png",
                                                                          "train/real/ann_1/100.png"});
    CHECK(find(index, "swap", "ann_1_bob").target == "ann_1");
    CHECK(find(index, "swap", "ann_1_bob").source == "bob");
    CHECK(find(index, "swap", "bob_ann_1").source == "ann_1");
    CHECK(find(index, "fake", "cid_dan").split == "val");
    CHECK(index.skipped == std::vector<std::string>{"train/real/empty"});
    CHECK(index.has_pairs());
    CHECK(index.only_split("train").videos.size() == 4);
    CHECK(index.only_split("train").has_pairs());
    CHECK(index.only_split("train").hash != index.hash);
    CHECK(contains(error_of(Exit::data, [&] { index.only_split("test"); }), "no videos in split \"test\""));

    make_video(root / "train/fake/swap/unnamed", 1);  // one name that is no pair: no name is trusted
    CHECK(!load_index(root.path()).has_pairs());
  }

  TEST_CASE("videos without a split are split by identity, 70/15/15") {
    std::vector<Video> videos;
    for (int i = 0; i < 2000; ++i) {
      Video video;
      video.id = "person" + std::to_string(i);
      videos.push_back(video);
    }
    const auto join = [&](const std::string& target, const std::string& source) {
      Video video;
      video.label = 1, video.id = target + "_" + source, video.target = target, video.source = source;
      videos.push_back(video);
    };
    std::vector<Video> alone = videos;
    split_by_hash(alone);
    std::map<std::string, int> count;
    for (const Video& video : alone) ++count[video.split];
    // Binomial, three standard deviations of 2000 draws: 61 for 0.70, 48 for 0.15.
    CHECK(std::abs(count["train"] - 1400) <= 61);
    CHECK(std::abs(count["val"] - 300) <= 48);
    CHECK(std::abs(count["test"] - 300) <= 48);

    // Whoever a fake joins stays together, over any number of steps; nobody else moves.
    for (int i = 0; i < 50; ++i) join("person" + std::to_string(i + 1), "person" + std::to_string(i));
    split_by_hash(videos);
    for (int i = 0; i <= 50; ++i) CHECK(videos[size_t(i)].split == videos[0].split);
    for (size_t i = 2000; i < videos.size(); ++i) CHECK(videos[i].split == videos[0].split);
    for (size_t i = 51; i < 2000; ++i) CHECK(videos[i].split == alone[i].split);
  }

  TEST_CASE("the FF++ tree, with split lists in each of their places") {
    for (const char* place : {".", "split", "splits", "dataset/splits"}) {
      const TemporaryFolder root;
      make_ffpp(root.path(), "c23");
      make_lists(root / place);
      const Index index = load_index(root.path());
      CHECK(index.videos.size() == 18);
      const Video& fake = find(index, "Face2Face", "003_002");
      CHECK(fake.dataset == "FF++");
      CHECK(fake.split == "val");
      CHECK(fake.label == 1);
      CHECK(fake.target == "003");
      CHECK(fake.source == "002");
      CHECK(fake.comp == "c23");
      CHECK(fake.frames.at(2) == "manipulated_sequences/Face2Face/c23/frames/003_002/2.png");
      CHECK(find(index, "real", "004").split == "test");
      CHECK(find(index, "real", "004").target == "004");
      CHECK(index.has_pairs());
      CHECK(index.only_split("train").videos.size() == 6);
    }
  }

  TEST_CASE("an FF++ tree without lists keeps pairs together") {
    const TemporaryFolder root;
    make_ffpp(root.path(), "c40");
    const Index index = load_index(root.path());
    for (const Video& video : index.videos)
      if (video.label == 1) {
        CHECK(video.split == find(index, "real", video.target).split);
        CHECK(video.split == find(index, "real", video.source).split);
      }
  }

  TEST_CASE("compressions of an FF++ tree") {
    const TemporaryFolder root;
    make_ffpp(root.path(), "c23");
    make_ffpp(root.path(), "c0");
    CHECK(contains(load_error(root.path()), "c23, raw"));
    CHECK(load_index(root.path(), at("c23")).videos.front().comp == "c23");
    CHECK(load_index(root.path(), at("raw")).videos.front().comp == "raw");
    CHECK(load_index(root.path(), at("c0")).videos.size() == 18);
    CHECK(contains(load_error(root.path(), "c40"), "there are: c23, raw"));
  }

  TEST_CASE("frames under videos/, and empty ones") {
    const TemporaryFolder root;
    make_video(root / "original_sequences/youtube/raw/videos/000", 2);
    touch(root / "original_sequences/youtube/raw/videos/000.mp4");
    fs::create_directories(root / "original_sequences/youtube/raw/videos/281");
    make_video(root / "manipulated_sequences/Deepfakes/raw/videos/000_003", 2);
    const Index index = load_index(root.path());
    CHECK(index.skipped == std::vector<std::string>{"original_sequences/youtube/raw/videos/281"});
    CHECK(find(index, "real", "000").frames.size() == 2);
    CHECK(find(index, "Deepfakes", "000_003").source == "003");
  }

  TEST_CASE("split lists that do not fit are refused") {
    const TemporaryFolder root;
    make_ffpp(root.path(), "c23");
    make_lists(root / "splits");
    write_file(root / "splits/val.json", R"([["003", "006"]])");
    CHECK(contains(load_error(root.path()), "002_003"));  // 002 is in no list
    write_file(root / "splits/val.json", R"([["002"]])");
    write_file(root / "splits/test.json", R"([["003", "004", "005"]])");
    CHECK(contains(load_error(root.path()), "Deepfakes/002_003"));  // torn apart
    write_file(root / "splits/test.json", R"([["001", "004", "005"]])");
    CHECK(contains(load_error(root.path()), "\"001\" is in two splits"));
    for (const char* bad : {"", "[", "{}", "[1]", "[[1]]", "[\"000\"]", "[[\"000\", null]]"}) {
      write_file(root / "splits/test.json", bad);
      CHECK(contains(load_error(root.path()), "test.json"));
    }
    fs::remove(root / "splits/test.json");
    CHECK(contains(load_error(root.path()), "test.json"));
  }

  TEST_CASE("what is missing is named") {
    const TemporaryFolder root;
    CHECK(contains(load_error(root / "nowhere"), "nowhere"));
    CHECK(contains(load_error(root.path()), "unknown layout"));
    touch(root / "file.txt");
    CHECK(contains(load_error(root / "file.txt"), "unknown layout"));

    touch(root / "one/real/a.png");
    CHECK(contains(load_error(root / "one"), "no fake videos"));
    fs::create_directories(root / "one/fake");
    CHECK(contains(load_error(root / "one"), "no images in " + (root / "one/fake").string()));
    touch(root / "one/fake/b.png");
    CHECK(load_index(root / "one").videos.size() == 2);
    touch(root / "one/fake/b.jpg");
    CHECK(contains(load_error(root / "one"), "two videos have the same name"));

    make_video(root / "ff/original_sequences/youtube/c23/frames/000", 1);
    CHECK(contains(load_error(root / "ff"), "manipulated_sequences"));
    fs::create_directories(root / "ff/manipulated_sequences");
    CHECK(contains(load_error(root / "ff"), "no fake videos"));
    touch(root / "note/original_sequences/youtube/c23/videos/000.txt");
    touch(root / "note/manipulated_sequences/Deepfakes/c23/videos/000_001.txt");
    CHECK(contains(load_error(root / "note"), "no videos in"));

    fs::create_directories(root / "loop/fake");
    touch(root / "loop/real/a.png");
    fs::create_directory_symlink(root / "loop/fake", root / "loop/fake/again");
    CHECK(contains(load_error(root / "loop"), "nested too deeply"));
  }

  TEST_CASE("an index written as JSONL reads back the same") {
    const TemporaryFolder root;
    make_ffpp(root.path(), "c23");
    make_lists(root.path());
    const Index index = load_index(root.path());
    write_file(root / "index.jsonl", to_jsonl(index));
    const Index again = load_index(root / "index.jsonl");
    CHECK(to_jsonl(again) == to_jsonl(index));
    CHECK(again.hash == index.hash);
    CHECK(again.root == index.root);
    CHECK(to_jsonl(index).starts_with(
        R"({"v":1,"dataset":"FF++","split":"test","method":"real","label":0,"video":"004","target":"004",)"));
  }

  TEST_CASE("bad rows of a JSONL index are named by line") {
    const TemporaryFolder root;
    const std::string real = R"({"v":1,"label":0,"video":"a","frames":["a.png"]})",
                      fake = R"({"v":1,"label":1,"video":"b","frames":["b.png"]})";
    const auto load = [&](const std::string& text) {
      write_file(root / "i.jsonl", text);
      return load_index(root / "i.jsonl");
    };
    CHECK(load(real + "\r\n\n" + fake).videos.size() == 2);
    const auto bad = [&](const std::string& row, const std::string& part) {
      const std::string text = error_of(Exit::data, [&] { load(real + "\n" + row + "\n" + fake); });
      CHECK(contains(text, "i.jsonl:2"));
      CHECK(contains(text, part));
    };
    bad("nonsense", "parse");
    bad("[1]", "not a JSON object");
    bad(R"({"v":2,"label":0,"video":"c","frames":["c.png"]})", "\"v\"");
    bad(R"({"v":1,"label":2,"video":"c","frames":["c.png"]})", "\"label\"");
    bad(R"({"v":1,"label":0,"video":"c"})", "missing");
    bad(R"({"v":1,"label":0,"video":"","frames":["c.png"]})", "\"video\"");
    bad(R"({"v":1,"label":0,"video":"c","frames":[]})", "\"frames\"");
    bad(R"({"v":1,"label":0,"video":"c","frames":[3]})", "type");
    bad(R"({"v":1,"label":0,"video":"c","frames":["c.png"],"split":"dev"})", "\"split\"");
    bad(R"({"v":1,"label":0,"video":"c","frames":["c.png"],"sha256":["12"]})", "\"sha256\"");
    bad(R"({"v":1,"label":0,"video":"c","frames":["c.png"],"sorce":"d"})", "unknown key \"sorce\"");
    CHECK(contains(error_of(Exit::data, [&] { load(""); }), "no videos"));
    CHECK(contains(error_of(Exit::data, [&] { load(real); }), "no fake videos"));
    CHECK(contains(error_of(Exit::data, [&] { load(real + "\n" + real + "\n" + fake); }), "same name"));
  }
}

TEST_SUITE("faults") {
  TEST_CASE("a JSONL index with random damage loads or is refused") {
    const TemporaryFolder root;
    const std::string rows =
        R"({"v":1,"dataset":"FF++","split":"train","method":"real","label":0,"video":"071","target":"071","source":"","comp":"c23","frames":["a/0.png","a/1.png"]}
{"v":1,"dataset":"FF++","split":"train","method":"Deepfakes","label":1,"video":"071_054","target":"071","source":"054","comp":"c23","frames":["b/0.png"]}
)";
    int loaded = 0, refused = 0;
    for (uint32_t i = 0; i < 500; ++i) {
      Rng rng(4, Purpose::test, i);
      write_file(root / "i.jsonl", mutate(rows, rng));
      try {
        const Index index = load_index(root / "i.jsonl");
        for (const Video& video : index.videos) CHECK(!video.frames.empty());
        ++loaded;
      } catch (const Error& error) {
        CHECK(error.code() == Exit::data);
        ++refused;
      }
    }
    CHECK(loaded > 10);
    CHECK(refused > 100);
    write_file(root / "i.jsonl", std::string(100000, '['));
    CHECK(contains(load_error(root / "i.jsonl"), "i.jsonl:1"));
  }

  TEST_CASE("split lists with random damage are read or refused") {
    const TemporaryFolder root;
    make_lists(root.path());
    for (uint32_t i = 0; i < 300; ++i) {
      Rng rng(5, Purpose::test, i);
      write_file(root / "val.json", mutate(R"([["002", "003"], ["006", "007"]])", rng));
      try {
        for (const auto& [who, split] : read_split_lists(root.path())) CHECK(!split.empty());
      } catch (const Error& error) {
        CHECK(error.code() == Exit::data);
      }
    }
  }
}

}  // namespace
}  // namespace rc
