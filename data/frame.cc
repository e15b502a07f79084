#include "data/frame.h"

#include "data/pack.h"
#include "data/video_entry.h"
#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"

namespace rc {
namespace {

Image read_image_file(const Index& index, const Video& row, int frame, int smallest) {
  const std::filesystem::path path = index.root / row.frames.at(size_t(frame));
  constexpr uint64_t kFileLimit = uint64_t(1) << 30;
  const std::string bytes = read_file(path, kFileLimit);
  if (!row.sha256.empty() && sha256(bytes) != row.sha256.at(size_t(frame)))
    throw Error(Exit::data, "cannot use " + path.string(), "its SHA-256 is not the index's",
                "the file has changed since the index was made");
  return decode_image(bytes, path.string(), kPixelLimit, smallest);
}

}  // namespace

Image ClipReader::read(int frame) {
  const Video& row = index_.videos.at(size_t(video_));
  try {
    if (const auto packed = packed_frame(row.frames.at(size_t(frame))))
      return read_packed(index_.root, *packed);
    const auto of_video = video_frame(row.frames.at(size_t(frame)));
    if (!of_video) return read_image_file(index_, row, frame, smallest_);
    if (!reader_ || file_ != of_video->file) {
      reader_.emplace(index_.root / of_video->file);
      file_ = of_video->file;
    }
    return reader_->frame(of_video->number);
  } catch (const Error& error) {
    throw Error(
        error.code(),
        error.what() + (" (video " + row.method + "/" + row.id + ", frame " + std::to_string(frame) + ")"),
        error.where(), error.hint());
  }
}

Image read_frame(const Index& index, int video, int frame, int smallest) {
  return ClipReader(index, video, smallest).read(frame);
}

}  // namespace rc
