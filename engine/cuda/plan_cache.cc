#include "engine/cuda/plan_cache.h"

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kHead = "realcentric plan 1\n";
constexpr std::string_view kSeal = "sha256 ";
constexpr uint64_t kLargest = 16 << 10;  // bytes of a file
constexpr size_t kMostKnobs = 64;

// Once a process: a cache that is spoilt or cannot be written costs time, not results.
void warn(const std::string& what) {
  static std::atomic_flag warned;
  if (!warned.test_and_set()) std::fprintf(stderr, "realcentric: warning: plan cache: %s\n", what.c_str());
}

// Takes "<word> " and then numbers up to the end of the line off the front of `text`.
template <size_t N>
bool take(std::string_view& text, std::string_view word, int64_t (&numbers)[N]) {
  if (!text.starts_with(word)) return false;
  std::string_view rest = text.substr(word.size());
  for (int64_t& number : numbers) {
    if (!rest.starts_with(' ')) return false;
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), number);
    if (error != std::errc()) return false;
    rest.remove_prefix(size_t(end - rest.data()));
  }
  if (!rest.starts_with('\n')) return false;
  text = rest.substr(1);
  return true;
}

std::string body(const std::string& key, const EngineChoice& choice) {
  std::string text = std::string(kHead) + key + "\nengine " + std::to_string(choice.engine) + "\n";
  for (const EngineChoice::Knob& knob : choice.knobs)
    text += "knob " + std::to_string(knob.type) + " " + std::to_string(knob.value) + "\n";
  return text;
}

std::optional<EngineChoice> parse(std::string_view text, const std::string& key) {
  const std::string front = std::string(kHead) + key + "\n";
  const size_t seal = text.rfind(kSeal);
  if (seal == text.npos || text.substr(seal) != std::string(kSeal) + sha256(text.substr(0, seal)) + "\n")
    return std::nullopt;
  std::string_view rest = text.substr(0, seal);
  if (!rest.starts_with(front)) return std::nullopt;
  rest.remove_prefix(front.size());
  int64_t engine[1], knob[2];
  if (!take(rest, "engine", engine)) return std::nullopt;
  EngineChoice choice{.engine = engine[0], .knobs = {}};
  while (choice.knobs.size() < kMostKnobs && take(rest, "knob", knob))
    choice.knobs.push_back({knob[0], knob[1]});
  if (!rest.empty()) return std::nullopt;
  return choice;
}

}  // namespace

fs::path PlanCache::file_of(const std::string& key) const { return folder_ / (sha256(key) + ".plan"); }

std::optional<EngineChoice> PlanCache::find(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  const fs::path path = file_of(key);
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  try {
    if (auto choice = parse(read_file(path, kLargest), key)) return choice;
    warn("ignored " + path.string() + ": it is damaged");
  } catch (const Error& unread) {
    warn(unread.text());
  }
  return std::nullopt;
}

void PlanCache::keep(const std::string& key, const EngineChoice& choice) const {
  if (folder_.empty()) return;
  const std::string text = body(key, choice);
  try {
    write_file(file_of(key), text + std::string(kSeal) + sha256(text) + "\n");
  } catch (const Error& unwritten) {
    warn(unwritten.text());
  }
}

fs::path plan_cache_folder() {
  const char* base = std::getenv("XDG_CACHE_HOME");
  if (base != nullptr && fs::path(base).is_absolute()) return fs::path(base) / "realcentric" / "plans";
  const char* home = std::getenv("HOME");
  if (home != nullptr && fs::path(home).is_absolute())
    return fs::path(home) / ".cache" / "realcentric" / "plans";
  return {};
}

}  // namespace rc
