#include "data/survey.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <tuple>

#include "data/image.h"
#include "data/image_header.h"
#include "data/listing.h"
#include "data/pack.h"
#include "data/parallel.h"
#include "data/video.h"
#include "data/video_entry.h"
#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kFileLimit = uint64_t(1) << 30;

struct Digest {
  std::array<char, 16> first;  // half of a SHA-256: 2^-64 for a false pair among 2^32 files
  uint32_t video, frame;
  auto order() const { return std::tie(first, video, frame); }
};

struct VideoSurvey {
  std::vector<FileProblem> missing, unreadable;
  std::vector<Digest> digests;
  Appearance appearance;
};

std::string beginning_of(const fs::path& path) {
  std::string bytes(size_t(64) << 10, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), std::streamsize(bytes.size()));
  bytes.resize(size_t(file.gcount()));
  return bytes;
}

bool is_blank(const fs::path& path) {
  std::error_code vanished;
  return fs::file_size(path, vanished) == 0;
}

std::string_view bytes_of(const Image& image) {
  return {reinterpret_cast<const char*>(image.rgb.data()), image.rgb.size()};
}

// The Error's reason without the path, which the problem has already.
std::string reason(const Error& error) { return error.where().empty() ? error.what() : error.where(); }

class Looking {
 public:
  Looking(const Index& index, const SurveyOptions& options, bool videos)
      : index_(index), options_(options), videos_(videos) {}

  VideoSurvey look(size_t number) const {
    const Video& video = index_.videos[number];
    VideoSurvey result;
    for (size_t frame = 0; frame < video.frames.size(); ++frame) {
      const std::string& name = video.frames[frame];
      const auto of_video = video_frame(name);
      const auto packed = packed_frame(name);
      const fs::path path = index_.root / (of_video ? of_video->file : packed ? packed->shard : name);
      std::error_code missing;
      if (!fs::is_regular_file(path, missing)) {
        result.missing.push_back({name, "no such file"});
        continue;
      }
      try {
        if (of_video && frame > 0) continue;  // its file was looked at
        if (packed)
          look_at_packed(video, frame, *packed, result);
        else if (of_video || is_video_name(name))
          look_at_video(path, result);
        else
          look_at_image(path, frame == 0, result);
        if (options_.hash) {
          const std::string hex = packed ? sha256(bytes_of(read_packed(index_.root, *packed)))
                                         : sha256(read_file(path, kFileLimit));
          Digest digest{{}, uint32_t(number), uint32_t(frame)};
          for (size_t i = 0; i < digest.first.size(); ++i)
            digest.first[i] = char(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
          result.digests.push_back(digest);
        }
      } catch (const Error& error) {
        result.unreadable.push_back({name, reason(error)});
      }
    }
    const auto of_video = video_frame(video.frames.front());
    const fs::path first = of_video ? of_video->file : video.frames.front();
    result.appearance.extension = lower_case(first.extension().string());
    return result;
  }

 private:
  // Decoding has nothing to find in pixels; their hash does.
  void look_at_packed(const Video& video, size_t frame, const PackedFrame& packed,
                      VideoSurvey& result) const {
    if (frame == 0)
      result.appearance.format = "pixels", result.appearance.height = packed.height,
      result.appearance.width = packed.width;
    if (options_.decode)
      read_packed(index_.root, packed, video.sha256.empty() ? std::string() : video.sha256[frame]);
  }

  void look_at_image(const fs::path& path, bool first, VideoSurvey& result) const {
    if (first) {
      const auto header = image_header(beginning_of(path));
      if (!header) throw Error(Exit::data, "no image", is_blank(path) ? "the file is empty" : "not an image");
      result.appearance = {"", header->format, header->width, header->height, header->jpeg_quality};
    }
    if (options_.decode) read_image(path);
  }

  void look_at_video(const fs::path& path, VideoSurvey& result) const {
    result.appearance.format = "video";
    if (is_blank(path)) throw Error(Exit::data, "no video", "the file is empty");
    if (!videos_) return;
    VideoReader reader(path);
    if (!reader.next()) throw Error(Exit::data, "no video", "it has no frame");
    const Image image = reader.image();
    result.appearance.width = image.width, result.appearance.height = image.height;
    if (options_.decode)
      while (reader.next()) {
      }
    if (!reader.damage().empty()) throw Error(Exit::data, "damaged", reader.damage());
  }

  const Index& index_;
  const SurveyOptions& options_;
  const bool videos_;  // can be looked into
};

std::vector<Twins> twins_among(std::vector<Digest> digests, const Index& index) {
  std::ranges::sort(digests, [](const Digest& a, const Digest& b) { return a.order() < b.order(); });
  std::vector<Twins> twins;
  for (size_t i = 0, first = 0; i < digests.size(); ++i) {
    if (digests[i].first != digests[first].first) first = i;
    const Digest &a = digests[first], &b = digests[i];
    if (a.video != b.video)
      twins.push_back(
          {a.video, b.video, index.videos[a.video].frames[a.frame], index.videos[b.video].frames[b.frame]});
  }
  std::ranges::sort(twins, [](const Twins& a, const Twins& b) {
    return std::tie(a.a, a.path_a, a.b, a.path_b) < std::tie(b.a, b.path_a, b.b, b.path_b);
  });
  return twins;
}

}  // namespace

Survey survey(const Index& index, const SurveyOptions& options,
              const std::function<void(size_t, size_t)>& done) {
  const bool any_video = std::ranges::any_of(index.videos, [](const Video& video) {
    return is_video_name(video.frames.front()) || video_frame(video.frames.front());
  });
  Survey result;
  if (any_video) result.not_decoded = why_no_video();
  const Looking looking(index, options, result.not_decoded.empty());

  // Videos in pieces, so that what is kept of each is handed over in order.
  constexpr size_t kPiece = 256;
  std::vector<Digest> digests;
  for (size_t first = 0; first < index.videos.size(); first += kPiece) {
    std::vector<VideoSurvey> piece(std::min(kPiece, index.videos.size() - first));
    parallel_for(piece.size(), options.threads, [&](size_t i) { piece[i] = looking.look(first + i); });
    for (VideoSurvey& video : piece) {
      std::ranges::move(video.missing, std::back_inserter(result.missing));
      std::ranges::move(video.unreadable, std::back_inserter(result.unreadable));
      digests.insert(digests.end(), video.digests.begin(), video.digests.end());
      result.appearances.push_back(std::move(video.appearance));
    }
    if (done) done(first + piece.size(), index.videos.size());
  }
  result.twins = twins_among(std::move(digests), index);
  return result;
}

}  // namespace rc
