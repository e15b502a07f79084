// The beginning of an image file against what decoding it says.
#include "data/image_header.h"

#include "data/image.h"
#include "engine/file.h"
#include "tests/data/fixtures.h"

namespace rc {

TEST_SUITE("unit") {
  TEST_CASE("an image's header: format, size, and the quality it was written at") {
    const Image image = gradient(37, 52);
    const auto png = image_header(encode_png(image));
    REQUIRE(png);
    CHECK(png->format == "PNG");
    CHECK(png->width == 52);
    CHECK(png->height == 37);
    CHECK(png->jpeg_quality == 0);
    for (int quality = 1; quality <= 100; ++quality) {
      const auto jpeg = image_header(encode_jpeg(image, quality));
      REQUIRE(jpeg);
      CHECK(jpeg->format == "JPEG");
      CHECK(jpeg->width == 52);
      CHECK(jpeg->height == 37);
      CHECK(jpeg->jpeg_quality == quality);
    }
  }

  TEST_CASE("an image's header: GIF and BMP, either way up") {
    const auto gif = image_header(std::string("GIF89a\x05\x01\x07\x00", 10));
    REQUIRE(gif);
    CHECK(gif->format == "GIF");
    CHECK(gif->width == 261);
    CHECK(gif->height == 7);
    std::string bmp(26, '\0');
    bmp[0] = 'B', bmp[1] = 'M', bmp[18] = 5, bmp[22] = char(0xF9), bmp[23] = bmp[24] = bmp[25] = char(0xFF);
    const auto upside = image_header(bmp);
    REQUIRE(upside);
    CHECK(upside->width == 5);
    CHECK(upside->height == 7);
    bmp[22] = bmp[23] = bmp[24] = bmp[25] = 0;
    CHECK(!image_header(bmp));  // no row at all
  }

  TEST_CASE("an image's header: what is cut off before the size is none") {
    const std::string jpeg = encode_jpeg(gradient(16, 16), 75), png = encode_png(gradient(16, 16));
    const size_t frame = jpeg.find("\xFF\xC0");
    REQUIRE(frame != std::string::npos);
    for (size_t length = 0; length < frame + 9; ++length) CHECK(!image_header(jpeg.substr(0, length)));
    CHECK(image_header(jpeg.substr(0, frame + 9)));
    for (size_t length = 0; length < 24; ++length) CHECK(!image_header(png.substr(0, length)));
    CHECK(!image_header("text"));
  }
}

}  // namespace rc
