#include "data/listing.h"

#include <algorithm>
#include <array>
#include <span>

#include "engine/error.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The run of digits at the front, without leading zeros; `rest` is moved behind it.
std::string_view take_number(std::string_view& rest) {
  const auto end = std::ranges::find_if_not(rest, is_digit);
  std::string_view digits(rest.begin(), end);
  rest.remove_prefix(digits.size());
  while (!digits.empty() && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

template <class Wanted>
std::vector<std::string> names_in(const fs::path& folder, Wanted wanted) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name.front() != '.' && wanted(*entry)) names.push_back(std::move(name));
  }
  if (error) throw Error(Exit::data, "cannot read folder " + folder.string(), error.message());
  std::ranges::sort(names, natural_less);
  return names;
}

constexpr std::array<std::string_view, 4> kImages = {".png", ".jpg", ".jpeg", ".bmp"};
constexpr std::array<std::string_view, 5> kVideos = {".mp4", ".avi", ".mov", ".mkv", ".webm"};

bool ends_as(std::string_view path, std::span<const std::string_view> extensions) {
  const size_t dot = path.rfind('.');
  return dot != std::string_view::npos &&
         std::ranges::find(extensions, lower_case(path.substr(dot))) != extensions.end();
}

std::vector<std::string> files_in(const fs::path& folder, std::span<const std::string_view> extensions) {
  return names_in(folder, [&](const fs::directory_entry& entry) {
    std::error_code ignored;
    return ends_as(entry.path().native(), extensions) && entry.is_regular_file(ignored);
  });
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  for (std::string_view u = a, v = b;;) {
    if (u.empty() || v.empty()) {
      if (u.empty() != v.empty()) return u.empty();
      return a < b;  // equal but for leading zeros
    }
    if (is_digit(u.front()) && is_digit(v.front())) {
      const std::string_view m = take_number(u), n = take_number(v);
      if (m.size() != n.size()) return m.size() < n.size();
      if (m != n) return m < n;
    } else {
      if (u.front() != v.front()) return uint8_t(u.front()) < uint8_t(v.front());
      u.remove_prefix(1), v.remove_prefix(1);
    }
  }
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return out;
}

std::vector<std::string> folders_in(const fs::path& folder) {
  return names_in(folder, [](const fs::directory_entry& entry) {
    std::error_code ignored;
    return entry.is_directory(ignored);
  });
}

std::vector<std::string> images_in(const fs::path& folder) { return files_in(folder, kImages); }

std::vector<std::string> videos_in(const fs::path& folder) { return files_in(folder, kVideos); }

bool is_video_name(std::string_view path) { return ends_as(path, kVideos); }

}  // namespace rc
