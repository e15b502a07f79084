#include "data/pack.h"

#include <map>

#include "data/frame.h"
#include "data/loader.h"
#include "data/survey.h"
#include "engine/file.h"
#include "engine/sha256.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

namespace fs = std::filesystem;

// Two people, their videos of 3 frames and forgeries of each with the other, all of their own size.
fs::path make_tree(const TemporaryFolder& folder) {
  uint32_t key = 0;
  for (const char* video : {"real/a", "real/b", "fake/swap/a_b", "fake/swap/b_a"})
    for (int frame : {7, 30, 112}) {
      const Image image = noise(20 + int(key % 5), 31 - int(key % 7), key);
      write_image(folder / ("tree/train/" + std::string(video) + "/" + std::to_string(frame) +
                            (key % 2 ? ".png" : ".jpg")),
                  image);
      ++key;
    }
  return folder / "tree";
}

TEST_SUITE("unit") {
  TEST_CASE("pack: the same videos with the same pixels, and the same batches") {
    const TemporaryFolder folder;
    const Index index = load_index(make_tree(folder));
    PackOptions options;
    options.threads = 3;
    size_t last = 0;
    const PackReport report = pack(index, folder / "pack", options, [&](size_t done, size_t all) {
      CHECK(done > last);
      CHECK(all == 12);
      last = done;
    });
    CHECK(report.frames == 12);
    CHECK(report.kept == 0);
    CHECK(last == 12);
    const Index packed = load_index(folder / "pack");
    REQUIRE(packed.videos.size() == index.videos.size());
    CHECK(packed.has_pairs());
    for (size_t v = 0; v < index.videos.size(); ++v) {
      CHECK(packed.videos[v].id == index.videos[v].id);
      CHECK(packed.videos[v].split == index.videos[v].split);
      for (int f = 0; f < 3; ++f) {
        const Image image = read_frame(index, int(v), f);
        CHECK(read_frame(packed, int(v), f) == image);
        CHECK(packed.videos[v].sha256[size_t(f)] ==
              sha256({reinterpret_cast<const char*>(image.rgb.data()), image.rgb.size()}));
      }
    }
    SamplerOptions tuples;
    tuples.batch = 4;
    const Sampler of_files(index, tuples), of_pack(packed, tuples);
    REQUIRE(of_pack.pairs());
    const std::vector<Augmentation> views = preset_views("dfb", 2);
    Loader files(index, of_files, views, {24}, 3, 2, 2, 0, 0),
        frames(packed, of_pack, views, {24}, 3, 1, 1, 0, 0);
    for (int i = 0; i < 4; ++i) {
      const Batch a = files.next(), b = frames.next();
      CHECK(a.pixels == b.pixels);
      CHECK(a.flip == b.flip);
      CHECK(a.samples == b.samples);
    }
  }

  TEST_CASE("pack: at a size, frames are resized as asked for") {
    const TemporaryFolder folder;
    const Index index = load_index(make_tree(folder));
    PackOptions options;
    options.size = 16, options.resampling = Resampling::cv2_cubic;
    const PackReport report = pack(index, folder / "pack", options);
    CHECK(report.bytes == 12 * 16 * 16 * 3);
    const Index packed = load_index(folder / "pack");
    CHECK(read_frame(packed, 1, 2) == resize(read_frame(index, 1, 2), 16, 16, Resampling::cv2_cubic));
  }

  TEST_CASE("pack: any number of threads and any interruption gives the same bytes") {
    const TemporaryFolder folder;
    const Index index = load_index(make_tree(folder));
    PackOptions options;
    pack(index, folder / "one", options);
    const auto whole = files_of(folder / "one");
    CHECK(whole.size() == 3);  // the description, a shard and the index
    options.threads = 4;
    // Dies in the midst of a shard, after it, and before the index.
    struct Died {};
    CHECK_THROWS_AS(pack(index, folder / "two", options, [](size_t, size_t) { throw Died(); }), Died);
    CHECK(contains(error_of(Exit::data, [&] { load_index(folder / "two"); }), "unfinished"));
    CHECK(pack(index, folder / "two", options).kept == 0);
    CHECK(files_of(folder / "two") == whole);
    CHECK(pack(index, folder / "two", options).kept == 12);  // nothing to do
    CHECK(files_of(folder / "two") == whole);
  }

  TEST_CASE("pack: what is in the folder is not replaced unasked") {
    const TemporaryFolder folder;
    const Index index = load_index(make_tree(folder));
    pack(index, folder / "pack", {});
    PackOptions smaller;
    smaller.size = 8;
    CHECK(contains(error_of(Exit::usage, [&] { pack(index, folder / "pack", smaller); }), "--force"));
    smaller.replace = true;
    CHECK(pack(index, folder / "pack", smaller).bytes == 12 * 8 * 8 * 3);
    CHECK(contains(error_of(Exit::usage, [&] { pack(index, folder / "tree", smaller); }), "is no pack"));
  }

  TEST_CASE("pack: a changed pixel is found by those who ask for it") {
    const TemporaryFolder folder;
    pack(load_index(make_tree(folder)), folder / "pack", {});
    const Index index = load_index(folder / "pack");
    SurveyOptions all;
    all.decode = true;
    CHECK(survey(index, all).unreadable.empty());
    std::string bytes = read_file(folder / "pack/shard-00000.rgb", 1 << 24);
    bytes[5] = char(bytes[5] ^ 1);
    write_file(folder / "pack/shard-00000.rgb", bytes);
    const std::vector<FileProblem> problems = survey(index, all).unreadable;
    REQUIRE(problems.size() == 1);
    CHECK(contains(problems[0].why, "SHA-256"));
    CHECK(survey(index, {}).unreadable.empty());
  }

  TEST_CASE("pack: names of frames, and hostile ones") {
    const auto frame = packed_frame("shard-00001.rgb#768-16x12/007.png");
    REQUIRE(frame);
    CHECK(frame->shard == "shard-00001.rgb");
    CHECK(frame->offset == 768);
    CHECK((frame->height == 16 && frame->width == 12));
    for (const char* other : {"a/007.png", "a.rgb#", "a.rgb#1", "a.rgb#1-2", "a.rgb#1-2x3", "a.rgb#-1-2x3/4",
                              "a.rgb#99999999999999999999-2x3/4", "a.rgb#1-2x99999999999/4"})
      CHECK_FALSE(packed_frame(other));

    const TemporaryFolder folder;
    write_file(folder / "a.rgb", std::string(100, 'x'));
    const auto refusal = [&](const std::string& entry, const std::string& hash = "") {
      return error_of(Exit::data, [&] { read_packed(folder.path(), *packed_frame(entry), hash); });
    };
    CHECK(read_packed(folder.path(), *packed_frame("a.rgb#25-5x5/0")).rgb == std::vector<uint8_t>(75, 'x'));
    CHECK(contains(refusal("a.rgb#26-5x5/0"), "too few"));
    CHECK(contains(refusal("a.rgb#18446744073709551615-5x5/0"), "too few"));
    CHECK(contains(refusal("a.rgb#0-2147483647x2147483647/0"), "names a frame of"));
    CHECK(contains(refusal("a.rgb#0--1x5/0"), "names a frame of"));
    CHECK(contains(refusal("a.rgb#0-0x5/0"), "names a frame of"));
    CHECK(contains(refusal("b.rgb#0-1x1/0"), "b.rgb"));
    CHECK(contains(refusal("a.rgb#0-1x1/0", std::string(64, '0')), "SHA-256"));
    fs::resize_file(folder / "a.rgb", 30);  // cut while it is mapped
    CHECK(contains(refusal("a.rgb#0-5x5/0"), "too few"));
  }
}

}  // namespace
}  // namespace rc
