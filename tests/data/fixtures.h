// What the tests of the data floor share: pictures with known content, and folders that vanish again.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "data/image.h"
#include "engine/error.h"
#include "engine/file.h"
#include "engine/rng.h"

namespace rc {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "realcentric-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Every file below the folder: its path there, and its bytes.
inline std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[entry.path().lexically_relative(folder).generic_string()] = read_file(entry.path());
  return files;
}

inline Image noise(int height, int width, uint32_t key) {
  Rng rng(1, Purpose::test, key);
  Image image(height, width);
  for (uint8_t& value : image.rgb) value = uint8_t(rng.below(256));
  return image;
}

// Smooth, with another gradient in each channel: what JPEG keeps nearly.
inline Image gradient(int height, int width) {
  Image image(height, width);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      uint8_t* p = image.at(y, x);
      p[0] = uint8_t(255 * x / width), p[1] = uint8_t(255 * y / height);
      p[2] = uint8_t(255 - 255 * (x + y) / (width + height));
    }
  return image;
}

inline double mean_difference(const Image& a, const Image& b) {
  REQUIRE(a.height == b.height);
  REQUIRE(a.width == b.width);
  double sum = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / double(a.rgb.size());
}

// The text of the Error that `act` must throw with `code`.
template <class Act>
std::string error_of(Exit code, Act act) {
  try {
    act();
  } catch (const Error& error) {
    CHECK(error.code() == code);
    return error.text();
  }
  FAIL("nothing was thrown");
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return true;
  MESSAGE("missing \"" << part << "\" in: " << text);
  return false;
}

// One to eight bytes overwritten, or a piece cut out, put in twice or cut off the end.
inline std::string mutate(std::string bytes, Rng& rng) {
  const auto place = [&] { return size_t(rng.below(uint32_t(bytes.size()))); };
  switch (rng.below(5)) {
    case 0:
      bytes.resize(place());
      break;
    case 1:
      bytes.erase(place(), 1 + rng.below(16));
      break;
    case 2:
      bytes.insert(place(), bytes.substr(place(), 1 + rng.below(16)));
      break;
    default:
      for (uint32_t i = 1 + rng.below(8); i > 0; --i)
        bytes[place()] = char(rng.coin(0.3f) ? 255 * rng.below(2) : rng.below(256));
  }
  return bytes;
}

}  // namespace rc
