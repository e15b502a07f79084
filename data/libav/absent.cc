// The answers of a build without libav.
#include "data/reencode.h"
#include "data/video.h"
#include "engine/error.h"

namespace rc {
namespace {

constexpr const char* kMissing = "this build reads and writes no videos: libav is missing";

[[noreturn]] void refuse(const std::string& where) {
  throw Error(Exit::data, kMissing, where,
              "install libavformat-dev, libavcodec-dev and libswscale-dev and build again, or extract the "
              "frames into images");
}

}  // namespace

struct VideoReader::State {
  std::string damage;
};

std::string why_no_video() { return kMissing; }
std::string video_libraries() { refuse("videos"); }
VideoReader::VideoReader(const std::filesystem::path& path, uint64_t) { refuse(path.string()); }
VideoReader::VideoReader(std::string, const std::string& name, uint64_t) { refuse(name); }
VideoReader::~VideoReader() = default;
bool VideoReader::next() { return false; }
int64_t VideoReader::frames() const { return 0; }
const std::string& VideoReader::damage() const { return state_->damage; }
Image VideoReader::image() const { return {}; }
Image VideoReader::frame(int64_t) { return {}; }
FrameCount count_frames(const std::filesystem::path& path) { refuse(path.string()); }
std::string encode_mp4(std::span<const Image>, int, const std::string&) { refuse("re-encoding a clip"); }
std::vector<Image> reencode(std::span<const Image>, int, const std::string&) { refuse("re-encoding a clip"); }

}  // namespace rc
