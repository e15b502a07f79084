#include "data/image.h"

#include <turbojpeg.h>

#include <array>
#include <filesystem>

#include "data/codec.h"
#include "data/exif.h"
#include "data/resize.h"
#include "engine/file.h"
#include "tests/data/encoded.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {
namespace fs = std::filesystem;
using Pixel = std::array<int, 3>;

Pixel pixel(const Image& image, int y, int x) {
  return {image.at(y, x)[0], image.at(y, x)[1], image.at(y, x)[2]};
}

std::string refusal(const std::string& bytes, uint64_t pixel_limit = uint64_t(1) << 28) {
  return error_of(Exit::data, [&] { decode_image(bytes, "some/face.img", pixel_limit); });
}

TEST_SUITE("unit") {
  TEST_CASE("PNG and BMP keep every pixel, JPEG nearly") {
    const Image image = gradient(45, 67);
    CHECK(decode_image(encode_png(image), "a") == image);
    CHECK(decode_image(bmp_of(image), "a") == image);
    CHECK(mean_difference(decode_image(encode_jpeg(image, 95), "a"), image) < 2);
    CHECK(encode_jpeg(image, 30).size() < encode_jpeg(image, 95).size());
    CHECK(decode_image(white_gif(), "a").rgb == std::vector<uint8_t>{255, 255, 255});
  }

  TEST_CASE("one pixel is an image") {
    const Image image = noise(1, 1, 3);
    CHECK(decode_image(encode_png(image), "a") == image);
    CHECK(decode_image(bmp_of(image), "a") == image);
    const Image jpeg = decode_image(encode_jpeg(image, 100), "a");
    CHECK(jpeg.height == 1);
    CHECK(jpeg.width == 1);
    CHECK(mean_difference(jpeg, image) <= 3);
  }

  TEST_CASE("images are written by extension and read by content") {
    const TemporaryFolder folder;
    const Image image = gradient(20, 30);
    write_image(folder / "sub/a.PNG", image);
    CHECK(read_image(folder / "sub/a.PNG") == image);
    write_image(folder / "b.jpeg", image, 90);
    CHECK(read_file(folder / "b.jpeg") == encode_jpeg(image, 90));
    fs::rename(folder / "b.jpeg", folder / "c.png");
    CHECK(mean_difference(read_image(folder / "c.png"), image) < 4);
    CHECK(contains(error_of(Exit::usage, [&] { write_image(folder / "d.gif", image); }), "d.gif"));
    CHECK(contains(error_of(Exit::data, [&] { read_image(folder / "none.png"); }), "none.png"));
  }

  TEST_CASE("JPEG: grey, progressive, CMYK") {
    const Image image = gradient(40, 56);
    std::vector<uint8_t> grey, inks;
    for (size_t i = 0; i < image.rgb.size(); i += 3) {
      grey.push_back(image.rgb[i]);
      inks.insert(inks.end(), {image.rgb[i], image.rgb[i + 1], image.rgb[i + 2],
                               128});  // inverted, as Photoshop stores them
    }
    const Image from_grey = decode_image(jpeg_of(grey, 40, 56, TJPF_GRAY, TJSAMP_GRAY), "a");
    const Image from_inks = decode_image(jpeg_of(inks, 40, 56, TJPF_CMYK, TJSAMP_444), "a");
    for (int y = 0; y < 40; ++y)
      for (int x = 0; x < 56; ++x) {
        const Pixel g = pixel(from_grey, y, x), k = pixel(from_inks, y, x), p = pixel(image, y, x);
        CHECK(g == Pixel{g[0], g[0], g[0]});
        CHECK(std::abs(g[0] - p[0]) <= 3);
        for (size_t c = 0; c < 3; ++c) CHECK(std::abs(k[c] - p[c] * 128 / 255) <= 3);
      }
    CHECK(mean_difference(
              decode_image(jpeg_of(image.rgb, 40, 56, TJPF_RGB, TJSAMP_420, TJFLAG_PROGRESSIVE), "a"),
              image) < 2);
  }

  TEST_CASE("PNG: grey, few bits, 16 bits, palette, alpha, interlaced") {
    const auto first = [](const std::string& png) { return pixel(decode_image(png, "a"), 0, 0); };
    CHECK(first(png_of({77}, 1, 1, {SPNG_COLOR_TYPE_GRAYSCALE})) == Pixel{77, 77, 77});
    CHECK(first(png_of({77, 51}, 1, 1, {SPNG_COLOR_TYPE_GRAYSCALE_ALPHA})) ==
          Pixel{15, 15, 15});  // 77 * 51 / 255 = 15.4
    CHECK(first(png_of({10, 100, 250, 128}, 1, 1, {SPNG_COLOR_TYPE_TRUECOLOR_ALPHA})) == Pixel{5, 50, 125});
    CHECK(first(png_of({0x12, 0xFF, 0x34, 0, 0xFF, 0xFF}, 1, 1, {SPNG_COLOR_TYPE_TRUECOLOR, 16})) ==
          Pixel{0x12, 0x34, 0xFF});
    CHECK(first(png_of({0x80, 0x01}, 1, 1, {SPNG_COLOR_TYPE_GRAYSCALE, 16})) == Pixel{0x80, 0x80, 0x80});

    const Image bits =
        decode_image(png_of({0b01011010, 0b10000000}, 1, 9, {SPNG_COLOR_TYPE_GRAYSCALE, 1}), "a");
    for (const int x : {1, 3, 4, 6, 8}) CHECK(pixel(bits, 0, x) == Pixel{255, 255, 255});
    for (const int x : {0, 2, 5, 7}) CHECK(pixel(bits, 0, x) == Pixel{0, 0, 0});

    const Image palette = decode_image(
        png_of({1, 0}, 1, 2, {SPNG_COLOR_TYPE_INDEXED, 8, {200, 100, 50, 255, 9, 8, 7, 0}}), "a");
    CHECK(pixel(palette, 0, 0) == Pixel{0, 0, 0});
    CHECK(pixel(palette, 0, 1) == Pixel{200, 100, 50});

    const Image image = noise(19, 23, 4);
    PngParts interlaced;
    interlaced.interlaced = true;
    CHECK(decode_image(png_of(image.rgb, 19, 23, interlaced), "a") == image);
  }

  TEST_CASE("EXIF orientation turns the picture upright") {
    // 2 x 3 with pixels A B C / D E F; what a viewer shows for each orientation.
    Image stored(2, 3);
    for (int i = 0; i < 6; ++i) stored.at(i / 3, i % 3)[0] = uint8_t("ABCDEF"[i]);
    const std::array<std::string, 9> shown = {"",       "ABCDEF", "CBAFED", "FEDCBA", "DEFABC",
                                              "ADBECF", "DAEBFC", "FCEBDA", "CFBEAD"};
    for (int orientation = 1; orientation <= 8; ++orientation) {
      const Image image = upright(stored, orientation);
      CHECK(image.width == (orientation < 5 ? 3 : 2));
      std::string letters;
      for (size_t i = 0; i < image.rgb.size(); i += 3) letters += char(image.rgb[i]);
      CHECK(letters == shown[size_t(orientation)]);
    }

    const std::string jpeg = encode_jpeg(gradient(24, 40), 90);
    const Image plain = decode_image(jpeg, "a");
    for (int orientation = 0; orientation <= 9; ++orientation)
      for (const bool big_endian : {false, true}) {
        CHECK(decode_image(with_orientation(jpeg, orientation, big_endian), "a") ==
              upright(plain, orientation));
        PngParts parts;
        parts.exif = tiff_with_orientation(orientation, big_endian);
        CHECK(decode_image(png_of(plain.rgb, 24, 40, parts), "a") == upright(plain, orientation));
      }
  }

  TEST_CASE("what is no image is refused by name") {
    for (const std::string& bytes :
         {std::string(), std::string("x"), std::string("not an image at all"), std::string(1000, '\0'),
          std::string("\xFF\xD8\xFF"), std::string("\x89PNG\r\n\x1A\n"), std::string("BM"),
          std::string("GIF89a"), std::string("P6 1 1 255 abc"), std::string("RIFF....WEBPVP8 ")})
      CHECK(contains(refusal(bytes), "cannot read image some/face.img"));
    CHECK(contains(refusal("plain text"), "hint: "));
  }

  TEST_CASE("20000 x 20000 is refused before it is decoded") {
    const Image image = gradient(16, 16);
    CHECK(contains(refusal(png_claiming(encode_png(image), 20000, 20000)), "20000x20000"));
    CHECK(contains(refusal(jpeg_claiming(encode_jpeg(image, 90), 20000, 20000)), "20000x20000"));
    CHECK(contains(refusal(bmp_claiming(bmp_of(image), 20000, 20000)), "20000x20000"));
    // The limit itself is allowed, one pixel more is not.
    CHECK(decode_image(encode_png(image), "a", 256) == image);
    CHECK(contains(refusal(encode_png(image), 255), "16x16"));
    CHECK(contains(refusal(encode_jpeg(image, 90), 255), "16x16"));
  }

  TEST_CASE("every truncation is refused") {
    const Image image = gradient(24, 24);
    for (const std::string& whole :
         {encode_jpeg(image, 90), jpeg_of(image.rgb, 24, 24, TJPF_RGB, TJSAMP_420, TJFLAG_PROGRESSIVE),
          encode_png(image), bmp_of(image), white_gif()})
      // libspng leaves the checksum of PNG's end mark unread; nothing of the picture is in it.
      for (size_t size = 0; size < whole.size() - (whole[1] == 'P' ? 4 : 0); ++size) {
        bool refused = false;
        try {
          decode_image(whole.substr(0, size), "a");
        } catch (const Error& error) {
          refused = error.code() == Exit::data;
        }
        CHECK_MESSAGE(refused, whole.substr(1, 3), " cut to ", size, " of ", whole.size());
      }
  }

  TEST_CASE("damage to pixels is seen where the format can show it") {
    std::string png = encode_png(noise(16, 16, 5));
    png[png.size() / 2] ^= 1;
    CHECK(contains(refusal(png), "some/face.img"));
    std::string jpeg = encode_jpeg(noise(64, 64, 6), 95);
    jpeg.replace(jpeg.size() / 2, 2, "\xFF\xD9");  // ends the picture half-way
    CHECK(contains(refusal(jpeg), "Corrupt JPEG data"));
  }
}

TEST_SUITE("faults") {
  TEST_CASE("image files with random damage decode or are refused") {
    const Image image = noise(24, 20, 7);
    const std::vector<uint8_t> inks(24 * 20 * 4, 99), grey(24 * 20, 50), words(24 * 20 * 8, 7),
        packed(24 * 3, 0x5A);
    PngParts parts;
    parts.exif = tiff_with_orientation(6, true);
    const std::vector<std::string> seeds = {
        with_orientation(encode_jpeg(image, 80), 6, false),
        jpeg_of(image.rgb, 24, 20, TJPF_RGB, TJSAMP_420, TJFLAG_PROGRESSIVE),
        jpeg_of(inks, 24, 20, TJPF_CMYK, TJSAMP_444),
        jpeg_of(grey, 24, 20, TJPF_GRAY, TJSAMP_GRAY),
        encode_png(image),
        png_of(image.rgb, 24, 20, parts),
        png_of(words, 24, 20, {SPNG_COLOR_TYPE_TRUECOLOR_ALPHA, 16}),
        png_of(packed, 24, 20, {SPNG_COLOR_TYPE_GRAYSCALE, 1}),
        bmp_of(image),
        white_gif(),
    };
    int decoded = 0, refused = 0;
    for (uint32_t seed = 0; seed < seeds.size(); ++seed)
      for (uint32_t i = 0; i < 1000; ++i) {
        Rng rng(2, Purpose::test, seed, i);
        const uint64_t limit = 1 << 16;
        try {
          const Image out = decode_image(mutate(seeds[seed], rng), "a", limit);
          CHECK(out.height > 0);
          CHECK(out.width > 0);
          CHECK(uint64_t(out.height) * uint64_t(out.width) <= limit);
          CHECK(out.rgb.size() == size_t(out.height) * size_t(out.width) * 3);
          ++decoded;
        } catch (const Error& error) {
          CHECK(error.code() == Exit::data);
          ++refused;
        }
      }
    CHECK(decoded > 100);
    CHECK(refused > 1000);
  }

  TEST_CASE("EXIF with random damage gives an orientation") {
    const std::string jpeg = with_orientation(encode_jpeg(noise(8, 8, 8), 80), 8, true);
    for (uint32_t i = 0; i < 5000; ++i) {
      Rng rng(3, Purpose::test, i);
      for (const int orientation :
           {jpeg_orientation(mutate(jpeg, rng)), tiff_orientation(mutate(jpeg.substr(12, 60), rng))}) {
        CHECK(orientation >= 1);
        CHECK(orientation <= 8);
      }
    }
    CHECK(tiff_orientation("") == 1);
    CHECK(tiff_orientation(std::string("II*\0\xFF\xFF\xFF\xFF", 8)) == 1);
    CHECK(tiff_orientation(jpeg.substr(12, 60)) == 8);
  }

  TEST_CASE("a JPEG decoded at a fraction: no side below the smallest, the same picture, off by default") {
    const Image image = gradient(200, 331);
    const std::string jpeg = encode_jpeg(image, 95);
    for (const auto& [smallest, part] :
         {std::pair(0, 1), std::pair(201, 1), std::pair(101, 1), std::pair(100, 2), std::pair(51, 2),
          std::pair(50, 4), std::pair(25, 8), std::pair(1, 8)}) {
      const Image out = decode_image(jpeg, "a", kPixelLimit, smallest);
      CHECK(out.height == (200 + part - 1) / part);
      CHECK(out.width == (331 + part - 1) / part);
      CHECK(mean_difference(out, resize(image, out.height, out.width)) < 2);
    }
    CHECK(decode_image(encode_png(image), "a", kPixelLimit, 1) == image);  // of JPEGs alone
  }

  // The reader of plain PNGs and libspng agree: RGB without and with an ancillary chunk that libspng alone is
  // for.
  TEST_CASE("plain PNGs: every filter, alone and mixed, as libspng has it") {
    const int filters[] = {SPNG_FILTER_CHOICE_NONE, SPNG_FILTER_CHOICE_SUB,   SPNG_FILTER_CHOICE_UP,
                           SPNG_FILTER_CHOICE_AVG,  SPNG_FILTER_CHOICE_PAETH, SPNG_FILTER_CHOICE_ALL};
    for (const int width : {1, 2, 5, 64})
      for (const int filter : filters) {
        const Image image =
            filter == SPNG_FILTER_CHOICE_ALL ? gradient(33, width) : noise(33, width, uint32_t(filter));
        PngParts parts{SPNG_COLOR_TYPE_TRUECOLOR, 8};
        parts.filters = filter;
        const std::string png = png_of(image.rgb, 33, width, parts);
        const Encoded file{png, "a", kPixelLimit, 0};
        const auto plain = decode_plain_png(file);
        REQUIRE(plain);
        CHECK(*plain == image);
        CHECK(decode_png(file) == image);
      }
  }

  TEST_CASE("plain PNGs: damaged ones and others are left to libspng") {
    const Image image = noise(9, 8, 3);
    const std::string png = encode_png(image);
    const auto plain = [](const std::string& bytes, uint64_t limit = kPixelLimit) {
      return decode_plain_png({bytes, "a", limit, 0});
    };
    REQUIRE(plain(png));
    CHECK_FALSE(plain(png, 71));
    for (size_t size = 8; size < png.size(); ++size) CHECK_FALSE(plain(png.substr(0, size)));
    for (size_t at = 8; at < png.size(); ++at) {  // a changed byte breaks a check sum or a length
      std::string damaged = png;
      damaged[at] = char(damaged[at] ^ 1);
      CHECK_FALSE(plain(damaged));
    }
  }
}

}  // namespace
}  // namespace rc
