// Frames of a pack: their names, and how they are read.
#include <charconv>
#include <cstring>

#include "data/mapped_file.h"
#include "data/pack.h"
#include "engine/error.h"
#include "engine/sha256.h"

namespace rc {
namespace {

// A number at the start of the text, which it takes off together with `after`.
template <class Number>
bool take(std::string_view& text, Number& number, char after) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != after) return false;
  text.remove_prefix(size_t(end - text.data()) + 1);
  return true;
}

}  // namespace

std::optional<PackedFrame> packed_frame(std::string_view entry) {
  constexpr std::string_view kMark = ".rgb#";
  const size_t mark = entry.find(kMark);
  if (mark == std::string_view::npos) return std::nullopt;
  PackedFrame frame;
  frame.shard = entry.substr(0, mark + kMark.size() - 1);
  std::string_view place = entry.substr(mark + kMark.size());
  if (!take(place, frame.offset, '-') || !take(place, frame.height, 'x') || !take(place, frame.width, '/'))
    return std::nullopt;
  return frame;
}

Image read_packed(const std::filesystem::path& folder, const PackedFrame& frame, const std::string& sha) {
  const std::filesystem::path path = folder / frame.shard;
  const auto refuse = [&](const std::string& why) {
    throw Error(Exit::data, "cannot use " + path.string(), why, "copy the pack again, or make it anew");
  };
  if (frame.height <= 0 || frame.width <= 0 || uint64_t(frame.height) > kPixelLimit / uint64_t(frame.width))
    refuse("its index names a frame of " + std::to_string(frame.height) + " x " +
           std::to_string(frame.width));
  const std::shared_ptr<const MappedFile> file = mapped_file(path);
  const std::span<const uint8_t> bytes = file->bytes();
  const uint64_t size = uint64_t(frame.height) * uint64_t(frame.width) * 3;
  if (frame.offset > bytes.size() || size > bytes.size() - frame.offset)
    refuse("it has " + std::to_string(bytes.size()) + " bytes, too few for a frame of its index");
  Image image(frame.height, frame.width);
  std::memcpy(image.rgb.data(), bytes.data() + frame.offset, size);
  if (!sha.empty() && sha256({reinterpret_cast<const char*>(image.rgb.data()), image.rgb.size()}) != sha)
    refuse("the SHA-256 of a frame is not its index's");
  return image;
}

}  // namespace rc
