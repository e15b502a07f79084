// A clean set passes every check; each fault, planted alone, is found by its own.
#include "data/check.h"

#include <algorithm>
#include <map>

#include "data/ffpp_splits.h"
#include "data/image.h"
#include "data/official_counts.h"
#include "data/statistics.h"
#include "tests/data/trees.h"

namespace rc {
namespace {
namespace fs = std::filesystem;
using Result = Finding::Result;

// Twelve people in pairs, two of them in val, two in test; a video of three frames and one forgery of each.
void make_set(const fs::path& root) {
  uint32_t key = 0;
  const auto frames = [&](const fs::path& folder) {
    for (int i = 0; i < 3; ++i) write_image(folder / (std::to_string(i) + ".png"), noise(16, 16, key++));
  };
  for (int i = 0; i < 12; i += 2) {
    const std::string a = "p" + std::to_string(i), b = "p" + std::to_string(i + 1),
                      split = i < 8    ? "train"
                              : i < 10 ? "val"
                                       : "test";
    for (const std::string& id : {a, b}) frames(root / split / "real" / id);
    for (const std::string& id : {a + "_" + b, b + "_" + a}) frames(root / split / "fake/Swap" / id);
  }
}

std::vector<Finding> check_all(const fs::path& root, const std::string& expected = {}, int threads = 2) {
  const Index index = load_index(root);
  const SurveyOptions options = {true, true, threads};
  return check_data(index, survey(index, options), options, expected);
}

// The one finding that is not ok, in words.
std::string complaint(const fs::path& root) {
  std::string text;
  for (const Finding& finding : check_all(root)) {
    if (finding.result == Result::ok) continue;
    text +=
        (finding.result == Result::failed ? "failed " : "warning ") + finding.subject + ": " + finding.text;
    for (const std::string& example : finding.examples) text += "; " + example;
    text += "\n";
  }
  return text;
}

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("a check of a clean set has nothing to complain of, whatever the threads") {
    const TemporaryFolder root;
    make_set(root.path());
    CHECK(complaint(root.path()) == "");
    const auto one = check_all(root.path(), "", 1), four = check_all(root.path(), "", 4);
    REQUIRE(one.size() == four.size());
    for (size_t i = 0; i < one.size(); ++i) CHECK(one[i].text == four[i].text);
  }

  TEST_CASE("a check finds files that are missing, empty, cut off or no images") {
    const TemporaryFolder root;
    make_set(root.path());
    const Index index = load_index(root.path());
    write_file(root / "index.jsonl", to_jsonl(index));
    fs::remove(root / "train/real/p0/1.png");
    write_file(root / "train/real/p1/0.png", "");
    write_file(root / "train/real/p2/0.png", "no picture");
    const std::string whole = read_file(root / "train/real/p3/2.png");
    write_file(root / "train/real/p3/2.png", whole.substr(0, whole.size() / 2));
    const std::string text = complaint(root / "index.jsonl");
    CHECK(contains(
        text, "failed files: 1 of 72 files missing in " + root.path().string() + "; train/real/p0/1.png\n"));
    CHECK(contains(text,
                   "failed pictures: 3 files cannot be read; train/real/p1/0.png: the file is empty; "
                   "train/real/p2/0.png: not an image; train/real/p3/2.png: "));

    // An index whose files lie elsewhere.
    fs::create_directories(root / "other");
    fs::rename(root / "index.jsonl", root / "other/index.jsonl");
    const std::string lost = complaint(root / "other/index.jsonl");
    CHECK(contains(lost, "failed files: 72 of 72 files missing in " + (root / "other").string() +
                             ": --data-root and --path-map say where they are; test/real/p10/0.png; "));
    CHECK(contains(lost, "warning pictures: there is none to look at\n"));
    fs::rename(root / "other/index.jsonl", root / "index.jsonl");

    // What is not asked for is not looked at: the cut-off third frame stays unseen.
    const SurveyOptions quick = {false, false, 1};
    const Survey seen = survey(load_index(root / "index.jsonl"), quick);
    CHECK(seen.missing.size() == 1);
    CHECK(seen.unreadable.size() == 2);
    CHECK(seen.twins.empty());
  }

  TEST_CASE("a check finds the same bytes in two splits or classes; in one video they are a still scene") {
    const TemporaryFolder root;
    make_set(root.path());
    const auto copy = [&](const char* from, const char* to) {
      fs::copy_file(root / from, root / to, fs::copy_options::overwrite_existing);
    };
    copy("train/real/p0/0.png", "train/real/p0/1.png");
    CHECK(complaint(root.path()) == "");
    copy("train/real/p0/0.png", "train/real/p1/1.png");
    CHECK(complaint(root.path()) ==
          "warning duplicates: 1 file twice, in one split and class; train/real/p0/0.png (train real) is "
          "train/real/p1/1.png (train real)\n");
    copy("train/real/p2/0.png", "test/real/p10/2.png");
    copy("train/real/p4/0.png", "train/fake/Swap/p4_p5/0.png");
    CHECK(contains(complaint(root.path()),
                   "failed duplicates: 2 files twice, in two splits or of two classes; "));
  }

  TEST_CASE("a check finds people in two splits, and videos that are listed twice") {
    const TemporaryFolder root;
    make_set(root.path());
    std::string rows = to_jsonl(load_index(root.path()));
    const std::string fake = "\"split\":\"train\",\"method\":\"Swap\",\"label\":1,\"video\":\"p0_p1\"";
    REQUIRE(contains(rows, fake));
    rows.replace(rows.find(fake), fake.size(),
                 "\"split\":\"test\",\"method\":\"Swap\",\"label\":1,\"video\":\"p0_p1\"");
    write_file(root / "index.jsonl", rows);
    const std::string text = complaint(root / "index.jsonl");
    CHECK(contains(text, "failed people: 2 are in two splits; p0: test Swap/p0_p1, train real/p0; p1: "));
    rows += R"({"v":1,"label":0,"split":"val","video":"again","frames":["train/real/p4/0.png"]})";
    write_file(root / "index.jsonl", rows);
    CHECK(contains(
        complaint(root / "index.jsonl"),
        "failed listing: 1 video listed twice; train/real/p4/0.png: train real/p4, val real/again\n"));
  }

  TEST_CASE("a check finds a class that is missing in a split, and videos of few frames") {
    const TemporaryFolder root;
    make_set(root.path());
    fs::remove_all(root / "val/fake/Swap");
    write_image(root / "train/real/short/0.png", noise(16, 16, 999));
    const std::string text = [&] {
      // Class folders must not be empty; an index may lack them.
      write_image(root / "val/fake/x.png", noise(16, 16, 1000));
      Index index = load_index(root.path());
      std::erase_if(index.videos, [](const Video& v) { return v.split == "val" && v.label == 1; });
      write_file(root / "index.jsonl", to_jsonl(index));
      return complaint(root / "index.jsonl");
    }();
    CHECK(contains(text, "failed classes: split val has no fake videos"));
    CHECK(contains(text, "warning shortage: 1 video of fewer than 3 frames; train real/short: 1\n"));
  }

  TEST_CASE("a check finds what tells the class without a face") {
    struct Case {
      const char* subject;
      void (*spoil)(const fs::path& fake, const Image&);
    };
    // Every frame of each fake video written anew.
    const auto jpeg = [](const fs::path& file, const Image& image) {
      fs::remove(file);
      write_file(fs::path(file).replace_extension(".jpg"), encode_jpeg(image, 90));
    };
    const auto renamed = [](const fs::path& file, const Image& image) {
      write_file(file, encode_jpeg(image, 90));  // a JPEG that is called .png
    };
    const auto smaller = [](const fs::path& file, const Image&) { write_image(file, noise(15, 16, 5000)); };
    for (const Case& c : {Case{"extension", jpeg}, Case{"format", renamed}, Case{"size", smaller}}) {
      CAPTURE(c.subject);
      const TemporaryFolder root;
      make_set(root.path());
      const Index index = load_index(root.path());
      for (const Video& video : index.videos)
        if (video.label == 1)
          for (const std::string& frame : video.frames) c.spoil(root / frame, read_image(root / frame));
      CHECK(contains(complaint(root.path()),
                     "failed " + std::string(c.subject) + ": alone tells real from fake in 100 % of cases"));
    }

    const TemporaryFolder root;
    make_set(root.path());
    const Index index = load_index(root.path());
    for (const Video& video : index.videos)
      for (const std::string& frame : video.frames) {
        const Image image = read_image(root / frame);
        fs::remove(root / frame);
        write_file((root / frame).replace_extension(".jpg"), encode_jpeg(image, video.label ? 75 : 95));
      }
    CHECK(contains(complaint(root.path()),
                   "failed JPEG quality: alone tells real from fake in 100 % of cases: a "
                   "detector may learn that; real: quality 95 in 12; fake: quality 75 in 12\n"));
  }

  TEST_CASE("official numbers: of FF++ by id, of others by count") {
    const TemporaryFolder root;
    Index index;
    const auto add = [&](const std::string& split, const std::string& method, const std::string& id) {
      Video video;
      video.dataset = "FF++", video.split = split, video.method = method, video.label = method != "real",
      video.id = id;
      video.comp = "c23", video.frames = {id + ".png"};
      index.videos.push_back(video);
    };
    for (const char* split : {"train", "val", "test"})
      for (const auto& [a, b] : ffpp_pairs(split)) {
        for (const std::string& id : {a, b}) add(split, "real", id);
        for (const std::string& id : {a + "_" + b, b + "_" + a}) add(split, "Deepfakes", id);
      }
    CHECK(deviations(index, "ffpp-c23").empty());
    CHECK(deviations(index, "ffpp-c40").size() == 1);
    Index changed = index;
    std::erase_if(changed.videos, [](const Video& v) { return v.id == "281" || v.id == "071_054"; });
    changed.videos.front().split = "val";
    add("train", "FaceSwap", "071_054");
    const auto wrong = deviations(changed, "ffpp-c23");
    REQUIRE(wrong.size() == 3);
    CHECK(wrong[0] == "Deepfakes: 999 of 1000 videos, without 071_054");
    CHECK(wrong[1] == "real: 999 of 1000 videos, without 281");
    CHECK(contains(wrong[2], "1 videos are not in their official split: real/071"));
    add("test", "real", "1000");
    CHECK(contains(deviations(index, "ffpp-c23").back(), "real: 1 videos that FF++ does not have"));
    CHECK(deviations(index, "dfd") ==
          std::vector<std::string>{"real: 1001 of 363 videos", "fake: 1001 of 3068 videos"});
    CHECK(contains(error_of(Exit::usage, [&] { deviations(index, "voc"); }),
                   "ffpp-raw, ffpp-c23, ffpp-c40, dfd"));
    for (const std::string& set : official_sets()) CHECK(!deviations(Index(), set).empty());
  }

  TEST_CASE("statistics count videos, files, frames a video and sizes") {
    const TemporaryFolder root;
    make_set(root.path());
    write_image(root / "train/real/p0/3.png", noise(16, 16, 7000));
    const Index index = load_index(root.path());
    const Statistics s = statistics(index, survey(index, {}));
    REQUIRE(s.groups.size() == 6);
    const auto& group = s.groups[1];  // real before fake, test before train
    CHECK(group.split == "train");
    CHECK(group.method == "real");
    CHECK(group.videos == 8);
    CHECK(group.frames == 25);
    CHECK(s.frames[0].videos == 12);
    CHECK(s.frames[0].least == 3);
    CHECK(s.frames[0].three_quarters == 3);
    CHECK(s.frames[0].most == 4);
    CHECK(s.frames[1].most == 3);
    REQUIRE(s.kinds.size() == 1);
    CHECK(s.kinds[0].size == "16x16");
    CHECK(s.kinds[0].real == 12);
    CHECK(s.kinds[0].fake == 12);
  }
}

}  // namespace rc
