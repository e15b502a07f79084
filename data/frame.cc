#include "data/frame.h"

#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"

namespace rc {

Image read_frame(const Index& index, int video, int frame) {
  const Video& row = index.videos.at(size_t(video));
  const std::filesystem::path path = index.root / row.frames.at(size_t(frame));
  try {
    constexpr uint64_t kFileLimit = uint64_t(1) << 30;
    const std::string bytes = read_file(path, kFileLimit);
    if (!row.sha256.empty() && sha256(bytes) != row.sha256.at(size_t(frame)))
      throw Error(Exit::data, "cannot use " + path.string(), "its SHA-256 is not the index's",
                  "the file has changed since the index was made");
    return decode_image(bytes, path.string());
  } catch (const Error& error) {
    throw Error(
        error.code(),
        error.what() + (" (video " + row.method + "/" + row.id + ", frame " + std::to_string(frame) + ")"),
        error.where(), error.hint());
  }
}

}  // namespace rc
