#include "data/video.h"

#include <algorithm>
#include <array>

#include "data/exif.h"
#include "data/reencode.h"
#include "engine/file.h"
#include "tests/data/clips.h"
#include "tests/data/encoded.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {

// Where the contents of the box of that name begin in an MP4 file; the box must be there.
size_t inside(const std::string& mp4, const char* box) {
  const size_t at = mp4.find(box);
  REQUIRE(at != mp4.npos);
  return at + 4;
}

// The same file with the matrix of its track header: (a b u / c d v / x y w), 16.16 fixed point.
std::string with_matrix(std::string mp4, int a, int b, int c, int d) {
  size_t at = inside(mp4, "tkhd") + 40;
  for (const int value : {a, b, 0, c, d, 0}) {
    for (int byte = 3; byte >= 0; --byte) mp4[at++] = char(uint32_t(value << 16) >> (8 * byte));
  }
  return mp4;
}

uint32_t big_endian(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | uint8_t(bytes[at + i]);
  return value;
}

// The same file with its index before its data, as files made for the web have it. The index lies behind the
// first box, so that all data moves on by its size.
std::string with_index_first(const std::string& mp4) {
  const size_t first = big_endian(mp4, 0), at = inside(mp4, "moov") - 8;
  std::string index = mp4.substr(at);
  const size_t chunks = inside(index, "stco") + 4;  // their number, then where each begins
  for (uint32_t i = 1; i <= big_endian(index, chunks); ++i) {
    const uint32_t moved = big_endian(index, chunks + 4 * i) + uint32_t(index.size());
    for (size_t byte = 0; byte < 4; ++byte) index[chunks + 4 * i + byte] = char(moved >> (24 - 8 * byte));
  }
  return mp4.substr(0, first) + index + mp4.substr(first, at - first);
}

FrameCount count_of(const std::string& bytes) {
  VideoReader reader(bytes, "v.mp4");
  while (reader.next()) {
  }
  return {reader.frames(), reader.damage()};
}

std::string refusal(const std::string& bytes, uint64_t pixel_limit = 1 << 26) {
  return error_of(Exit::data, [&] { VideoReader(bytes, "some/v.mp4", pixel_limit); });
}

TEST_SUITE("unit") {
  TEST_CASE("a build without videos says what is missing") {
    if (why_no_video().empty()) {
      CHECK(contains(video_libraries(), "libavcodec "));
      return;
    }
    CHECK(contains(error_of(Exit::data, [] { VideoReader("x.mp4"); }), "libav"));
    CHECK(contains(error_of(Exit::data, [] { reencode({}, 23); }), "libav"));
  }

  TEST_CASE("frames of a video come in order, by number, forwards and back") {
    if (no_videos()) return;
    const TemporaryFolder folder;
    const std::vector<Image> clip = clip_of(12);
    write_file(folder / "v.mp4", encode_mp4(clip, 10));
    CHECK(count_frames(folder / "v.mp4").frames == 12);
    CHECK(count_frames(folder / "v.mp4").damage == "");
    VideoReader reader(folder / "v.mp4");
    for (const int k : {0, 3, 3, 4, 11, 2, 0}) CHECK(nearest(clip, reader.frame(k)) == k);
    const std::string missing = error_of(Exit::data, [&] { reader.frame(12); });
    CHECK(contains(missing, "no frame 12"));
    CHECK(contains(missing, (folder / "v.mp4").string()));
  }

  TEST_CASE("a clip through the codec and back: every size, the same bytes, worse by crf") {
    if (no_videos()) return;
    for (const auto& [height, width] : {std::pair(48, 64), {47, 63}, {47, 64}, {17, 16}}) {
      const std::vector<Image> clip = clip_of(5, height, width), back = reencode(clip, 10);
      REQUIRE(back.size() == 5);
      for (size_t i = 0; i < 5; ++i) {
        CHECK(back[i].height == height);
        CHECK(back[i].width == width);
        CHECK(mean_difference(back[i], clip[i]) < 4);
      }
    }
    const std::vector<Image> clip = clip_of(5);
    CHECK(encode_mp4(clip, 23) == encode_mp4(clip, 23));
    CHECK(encode_mp4(clip, 40).size() < encode_mp4(clip, 28).size());
    CHECK(mean_difference(reencode(clip, 45)[4], clip[4]) > mean_difference(reencode(clip, 20)[4], clip[4]));
    CHECK(encode_mp4(clip, 30, "veryfast") != encode_mp4(clip, 30));
    CHECK(reencode({}, 23).empty());
    const std::array<Image, 2> uneven = {Image(16, 16), Image(16, 18)};
    CHECK(contains(error_of(Exit::usage, [&] { reencode(uneven, 23); }), "one size"));
    CHECK(contains(error_of(Exit::usage, [&] { reencode(clip, 52); }), "52"));
    CHECK(contains(error_of(Exit::usage, [&] { reencode(clip, 23, "quickest"); }), "quickest"));
  }

  TEST_CASE("the container's rotation turns frames as EXIF's orientation does") {
    if (no_videos()) return;
    const std::string mp4 = encode_mp4(clip_of(1), 10);
    const Image stored = VideoReader(mp4, "v").frame(0);
    // What each matrix does to (x, y), y downwards: x' = a x + c y, y' = b x + d y.
    const std::array<std::array<int, 4>, 9> matrices = {{{},
                                                         {1, 0, 0, 1},
                                                         {-1, 0, 0, 1},
                                                         {-1, 0, 0, -1},
                                                         {1, 0, 0, -1},
                                                         {0, 1, 1, 0},
                                                         {0, 1, -1, 0},
                                                         {0, -1, -1, 0},
                                                         {0, -1, 1, 0}}};
    for (int orientation = 1; orientation <= 8; ++orientation) {
      const auto [a, b, c, d] = matrices[size_t(orientation)];
      CHECK(VideoReader(with_matrix(mp4, a, b, c, d), "v").frame(0) == upright(stored, orientation));
    }
  }

  TEST_CASE("what is no video is refused by name") {
    if (no_videos()) return;
    std::string sound = encode_mp4(clip_of(2), 30);
    sound.replace(sound.find("vide", sound.find("hdlr")), 4, "soun");
    for (const std::string& bytes :
         {std::string(), std::string("x"), std::string(5000, '\0'), std::string("no video at all"), sound,
          encode_png(gradient(16, 16)),
          std::string(
              "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"),
          std::string("ffconcat version 1.0\nfile /etc/hostname\n")})
      CHECK(contains(refusal(bytes), "cannot read video some/v.mp4"));
    CHECK(contains(refusal(sound), "no video stream"));
    CHECK(contains(error_of(Exit::data, [] { VideoReader("none/v.mp4"); }), "no such file"));
    CHECK(contains(error_of(Exit::data, [] { VideoReader("/tmp"); }), "not a regular file"));
    const std::string mp4 = encode_mp4(clip_of(1), 30);
    CHECK(VideoReader(mp4, "v", 48 * 64).next());
    CHECK(contains(refusal(mp4, 48 * 64 - 1), "64x48"));
  }

  TEST_CASE("a video of no frames has none") {
    if (no_videos()) return;
    int64_t frames = 0;
    try {
      frames = count_of(encode_mp4({}, 23)).frames;
    } catch (const Error& error) {
      CHECK(error.code() == Exit::data);
    }
    CHECK(frames == 0);
  }

  TEST_CASE("a file cut short gives its good frames and says so") {
    if (no_videos()) return;
    const std::string mp4 = with_index_first(encode_mp4(clip_of(20), 20));
    const size_t data = inside(mp4, "mdat");
    CHECK(contains(refusal(mp4.substr(0, inside(mp4, "moov") + 100)), "some/v.mp4"));
    CHECK(count_of(mp4).frames == 20);
    CHECK(count_of(mp4).damage == "");
    int64_t last = 0;
    for (size_t kept = (mp4.size() - data) / 2; data + kept < mp4.size(); kept += 25) {
      const std::string cut = mp4.substr(0, data + kept);
      const FrameCount some = count_of(cut);
      CHECK(some.frames >= last);
      CHECK(some.frames < 20);
      CHECK(contains(some.damage, "(after " + std::to_string(some.frames) + " good frames)"));
      last = some.frames;
      VideoReader reader(cut, "v.mp4"), whole(mp4, "v.mp4");
      for (int64_t k = 0; k < some.frames; ++k) CHECK(reader.frame(k) == whole.frame(k));
      CHECK(contains(error_of(Exit::data, [&] { reader.frame(some.frames); }), "good ones"));
    }
    CHECK(last > 10);
  }

  TEST_CASE("a hole in a file ends the video there") {
    if (no_videos()) return;
    std::string mp4 = with_index_first(encode_mp4(clip_of(20), 20));
    std::ranges::fill(std::span(mp4).last((mp4.size() - inside(mp4, "mdat")) / 10), '\0');
    const FrameCount some = count_of(mp4);
    CHECK(some.frames > 0);
    CHECK(some.frames < 20);
    CHECK(contains(some.damage, "Invalid data"));
  }
}

TEST_SUITE("faults") {
  TEST_CASE("video files with random damage are read or refused") {
    if (no_videos()) return;
    const std::string mp4 = encode_mp4(clip_of(6), 25, "ultrafast");
    int whole = 0, damaged = 0, refused = 0;
    for (uint32_t i = 0; i < 600; ++i) {
      Rng rng(4, Purpose::test, i);
      constexpr uint64_t kLimit = 1 << 16;
      try {
        VideoReader reader(mutate(mp4, rng), "v", kLimit);
        while (reader.next()) {
          const Image image = reader.image();
          CHECK(uint64_t(image.height) * uint64_t(image.width) <= kLimit);
          REQUIRE(reader.frames() < 1000);
        }
        ++(reader.damage().empty() ? whole : damaged);
      } catch (const Error& error) {
        CHECK(error.code() == Exit::data);
        ++refused;
      }
    }
    CHECK(whole > 20);
    CHECK(damaged > 20);
    CHECK(refused > 20);
  }

  TEST_CASE("every truncation of a video is read to its last whole frame or refused") {
    if (no_videos()) return;
    const std::string mp4 = encode_mp4(clip_of(6), 25, "ultrafast");
    for (size_t size = 0; size < mp4.size(); size += 7) try {
        VideoReader reader(mp4.substr(0, size), "v");
        while (reader.next()) {
        }
        CHECK(reader.frames() <= 6);
      } catch (const Error& error) {
        CHECK(error.code() == Exit::data);
      }
  }
}

}  // namespace
}  // namespace rc
