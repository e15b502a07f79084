#include "data/image.h"

#include <doctest/doctest.h>
#include <turbojpeg.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/rng.h"

namespace rc {
namespace {
namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("rc-image-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

// Smooth, with another gradient in each channel: what JPEG keeps nearly.
Image gradient(int height, int width) {
  Image image(height, width);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      uint8_t* p = image.at(y, x);
      p[0] = uint8_t(255 * x / width), p[1] = uint8_t(255 * y / height),
      p[2] = uint8_t(255 - 255 * (x + y) / (width + height));
    }
  return image;
}

double mean_difference(const Image& a, const Image& b) {
  REQUIRE(a.rgb.size() == b.rgb.size());
  double sum = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / double(a.rgb.size());
}

TEST_SUITE("unit") {
  TEST_CASE("PNG keeps every pixel, JPEG nearly") {
    const Image image = gradient(45, 67);
    CHECK(decode_image(encode_png(image), "a.png") == image);
    CHECK(mean_difference(decode_image(encode_jpeg(image, 95), "a.jpg"), image) < 2);
    CHECK(encode_jpeg(image, 30).size() < encode_jpeg(image, 95).size());
  }

  TEST_CASE("images are written by extension and read by content") {
    const Folder folder;
    const Image image = gradient(20, 30);
    write_image(folder.path / "sub" / "a.PNG", image);
    CHECK(read_image(folder.path / "sub" / "a.PNG") == image);
    write_image(folder.path / "b.jpeg", image, 90);
    CHECK(read_file(folder.path / "b.jpeg") == encode_jpeg(image, 90));
    fs::rename(folder.path / "b.jpeg", folder.path / "c.png");
    CHECK(mean_difference(read_image(folder.path / "c.png"), image) < 4);
    CHECK_THROWS_AS(write_image(folder.path / "d.gif", image), Error);
  }
}

}  // namespace
}  // namespace rc
