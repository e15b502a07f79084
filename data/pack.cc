#include "data/pack.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "data/frames_ahead.h"
#include "data/parallel.h"
#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShard = 512;  // frames
constexpr size_t kAtOnce = 64;  // frames in memory

constexpr const char *kDescription = "pack.json", *kIndex = "index.jsonl";

struct Place {
  int video = 0, frame = 0;
};

// One frame once it is packed.
struct Packed {
  std::string entry, sha256;
};

std::string shard_name(size_t shard) {
  char name[32];
  std::snprintf(name, sizeof name, "shard-%05zu.rgb", shard);
  return name;
}

// A shard that appears as a whole or not at all. Unlike a GrowingFile's its temporary name is fixed, so that
// going on with a killed pack writes over what that left.
class ShardFile {
 public:
  explicit ShardFile(const fs::path& path) : path_(path), temporary_(path.string() + ".part") {
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file_ < 0) refuse();
  }
  ShardFile(const ShardFile&) = delete;
  ~ShardFile() {
    if (file_ >= 0) ::close(file_);
  }

  uint64_t append(const std::vector<uint8_t>& bytes) {
    for (size_t at = 0; at < bytes.size();) {
      const ssize_t n = ::write(file_, bytes.data() + at, bytes.size() - at);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) refuse();
      at += size_t(n);
    }
    return std::exchange(size_, size_ + bytes.size());
  }

  void commit() {
    if (::fsync(file_) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) refuse();
  }

 private:
  [[noreturn]] void refuse() const {
    throw Error(Exit::data, "cannot write " + path_.string(), std::strerror(errno));
  }

  fs::path path_, temporary_;
  int file_ = -1;
  uint64_t size_ = 0;
};

// The last part of a frame's path, by which a target's frame and its forgeries' are known to belong together:
// that of a video's 120th frame, "a/071.mp4#120", is 120.
std::string name_of(const std::string& entry) {
  const std::string name = fs::path(entry).filename().string();
  const size_t number = name.rfind('#');
  return number == std::string::npos ? name : name.substr(number + 1);
}

class Packer {
 public:
  Packer(const Index& index, const fs::path& out, const PackOptions& options)
      : index_(index),
        out_(out),
        options_(options),
        source_(
            index,
            [&options](Image image, size_t) {
              return options.size > 0 ? resize(image, options.size, options.size, options.resampling) : image;
            },
            size_t(options.threads)) {
    for (size_t v = 0; v < index.videos.size(); ++v)
      for (size_t f = 0; f < index.videos[v].frames.size(); ++f) places_.push_back({int(v), int(f)});
  }

  size_t frames() const { return places_.size(); }
  size_t shards() const { return (places_.size() + kShard - 1) / kShard; }
  size_t frames_of(size_t shard) const { return std::min(kShard, places_.size() - shard * kShard); }
  fs::path shard_file(size_t shard) const { return out_ / shard_name(shard); }
  fs::path list_file(size_t shard) const { return out_ / (shard_name(shard) + ".json"); }

  // What was packed of a shard, where that is on the disk: a list is written when its shard is whole.
  std::optional<std::vector<Packed>> finished(size_t shard) const {
    if (!fs::exists(list_file(shard)) || !fs::exists(shard_file(shard))) return std::nullopt;
    const Json list = Json::parse(read_file(list_file(shard), uint64_t(1) << 26), nullptr, false);
    std::vector<Packed> out;
    uint64_t end = 0;
    if (list.is_array())
      for (const Json& row : list) {
        if (!row.is_array() || row.size() != 2 || !row[0].is_string() || !row[1].is_string())
          return std::nullopt;
        out.push_back({row[0], row[1]});
        const auto frame = packed_frame(out.back().entry);
        if (!frame || frame->offset != end) return std::nullopt;
        end += uint64_t(frame->height) * uint64_t(frame->width) * 3;
      }
    if (out.size() != frames_of(shard) || fs::file_size(shard_file(shard)) != end) return std::nullopt;
    return out;
  }

  std::vector<Packed> write(size_t shard, const std::function<void(size_t)>& done) {
    ShardFile file(shard_file(shard));
    std::vector<Packed> out;
    for (size_t first = 0; first < frames_of(shard); first += kAtOnce) {
      struct Piece {
        Image image;
        std::string sha256;
      };
      std::vector<Piece> pieces(std::min(kAtOnce, frames_of(shard) - first));
      parallel_for(pieces.size(), options_.threads, [&](size_t i) {
        Piece& piece = pieces[i];
        piece.image = source_.take(shard * kShard + first + i);
        piece.sha256 =
            sha256({reinterpret_cast<const char*>(piece.image.rgb.data()), piece.image.rgb.size()});
      });
      for (size_t i = 0; i < pieces.size(); ++i) {
        const Place& place = places_[shard * kShard + first + i];
        const Image& image = pieces[i].image;
        const std::string& name = index_.videos[size_t(place.video)].frames[size_t(place.frame)];
        out.push_back({shard_name(shard) + "#" + std::to_string(file.append(image.rgb)) + "-" +
                           std::to_string(image.height) + "x" + std::to_string(image.width) + "/" +
                           name_of(name),
                       pieces[i].sha256});
      }
      done(pieces.size());
    }
    file.commit();
    Json list = Json::array();
    for (const Packed& frame : out) list.push_back({frame.entry, frame.sha256});
    write_file(list_file(shard), list.dump() + "\n");
    return out;
  }

 private:
  const Index& index_;
  const fs::path& out_;
  const PackOptions& options_;
  FramesAhead source_;
  std::vector<Place> places_;
};

std::string description_of(const Index& index, const PackOptions& options) {
  const Json description = {
      {"v", 1},
      {"of", sha256(to_jsonl(index))},
      {"size", options.size},
      {"resize", options.size > 0 ? resampling_names()[size_t(options.resampling)] : ""},
      {"frames_of_a_shard", kShard}};
  return description.dump(1) + "\n";
}

// Makes the folder one of this pack, with nothing of another in it.
void begin(const fs::path& out, const std::string& description, bool replace) {
  const fs::path file = out / kDescription;
  const bool same = fs::exists(file) && read_file(file, 1 << 16) == description;
  if (fs::exists(out) && !same) {
    const bool empty = fs::is_directory(out) && fs::is_empty(out);
    if (!empty && !replace)
      throw Error(Exit::usage, "folder " + out.string() + " already exists", "it is no pack of these frames",
                  "choose another one, or replace it with --force");
    if (!empty && !fs::exists(file))
      throw Error(Exit::usage, "folder " + out.string() + " is no pack", "it will not be replaced",
                  "choose another one");
    if (!empty) fs::remove_all(out);
  }
  if (!same) write_file(file, description);
}

}  // namespace

PackReport pack(const Index& index, const fs::path& out, const PackOptions& options,
                const std::function<void(size_t, size_t)>& done) {
  begin(out, description_of(index, options), options.replace);
  Packer packer(index, out, options);
  PackReport report;
  report.frames = packer.frames();
  const bool complete = fs::exists(out / kIndex);
  for (size_t shard = 0; complete && shard < packer.shards(); ++shard) {
    report.bytes += fs::file_size(packer.shard_file(shard));
    fs::remove(packer.list_file(shard));
  }
  if (complete) report.kept = report.frames;
  if (complete) return report;
  Index packed = index;
  packed.root = out;
  size_t at = 0, video = 0, frame = 0;
  for (Video& row : packed.videos) row.sha256.resize(row.frames.size());
  for (size_t shard = 0; shard < packer.shards(); ++shard) {
    std::optional<std::vector<Packed>> frames = packer.finished(shard);
    if (frames) report.kept += frames->size(), at += frames->size();
    if (!frames)
      frames = packer.write(shard, [&](size_t n) {
        if (done) done(at += n, packer.frames());
      });
    report.bytes += fs::file_size(packer.shard_file(shard));
    for (const Packed& one : *frames) {
      while (frame == packed.videos[video].frames.size()) ++video, frame = 0;
      packed.videos[video].frames[frame] = one.entry, packed.videos[video].sha256[frame++] = one.sha256;
    }
  }
  write_file(out / kIndex, to_jsonl(packed));
  for (size_t shard = 0; shard < packer.shards(); ++shard) fs::remove(packer.list_file(shard));
  return report;
}

}  // namespace rc
