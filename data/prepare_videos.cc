#include "data/prepare_videos.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <tuple>

#include "data/crop.h"
#include "data/csv_field.h"
#include "data/evenly_spaced.h"
#include "data/frame.h"
#include "data/listing.h"
#include "data/parallel.h"
#include "data/prepared_folder.h"
#include "data/video.h"
#include "data/video_entry.h"
#include "engine/error.h"
#include "engine/file.h"
#include "engine/sha256.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

using Json = PreparedFolder::Json;

const char* name_of(Shortage policy) {
  return policy == Shortage::repeat ? "repeat" : policy == Shortage::drop ? "drop" : "error";
}

// Where a video's images and landmarks go.
struct Places {
  std::string frames, landmarks;
};

Places places_of(const Index& index, const Video& video) {
  fs::path path = video.frames[0];
  if (path.is_absolute()) path = path.lexically_relative(index.root);
  path = path.lexically_normal();
  if (path.empty() || *path.begin() == "..")
    throw Error(Exit::data, "video " + video.frames[0] + " lies outside " + index.root.string(), {},
                "--data-root says which folder the tree begins at");
  path = is_video_file(video) ? path.replace_extension() : path.parent_path();
  const fs::path parent = path.parent_path(), id = path.filename();
  if (parent.filename() == "videos" || parent.filename() == "frames")
    return {(parent.parent_path() / "frames" / id).generic_string(),
            (parent.parent_path() / "landmarks" / id).generic_string()};
  return {path.generic_string(), (fs::path("landmarks") / path).generic_string()};
}

std::vector<Places> all_places(const Index& index) {
  std::vector<Places> places;
  std::map<std::string, std::string> taken;
  for (const Video& video : index.videos) {
    places.push_back(places_of(index, video));
    const auto [first, fresh] = taken.try_emplace(places.back().frames, video.frames[0]);
    if (!fresh)
      throw Error(Exit::data, "two videos would both become " + places.back().frames,
                  first->second + " and " + video.frames[0], "rename one of them");
  }
  return places;
}

// A real video and the fakes that take its geometry; or a video by itself.
using Family = std::vector<size_t>;

std::vector<Family> families_of(const Index& index) {
  std::map<std::tuple<std::string, std::string, std::string>, size_t> reals;
  std::vector<Family> families;
  for (size_t v = 0; v < index.videos.size(); ++v)
    if (const Video& video = index.videos[v]; video.label == 0) {
      reals.try_emplace({video.dataset, video.split, video.id}, families.size());
      families.push_back({v});
    }
  for (size_t v = 0; v < index.videos.size(); ++v)
    if (const Video& video = index.videos[v]; video.label == 1) {
      const auto target = reals.find({video.dataset, video.split, video.target});
      if (target != reals.end())
        families[target->second].push_back(v);
      else
        families.push_back({v});
    }
  return families;
}

// A video with all its frames, each under the name that it has in the video and in its fakes.
struct Whole {
  Index index;  // of it alone
  std::vector<std::string> names;
  std::string damage;

  Whole(const Index& all, size_t v) {
    index.root = all.root, index.videos = {all.videos[v]};
    Video& video = index.videos[0];
    if (!is_video_file(video)) {
      for (const std::string& frame : video.frames) names.push_back(fs::path(frame).stem().string());
      return;
    }
    const std::string file = video.frames[0];
    const FrameCount count = count_frames(all.root / file);
    damage = count.damage;
    video.frames.clear(), video.sha256.clear();
    for (int64_t k = 0; k < count.frames; ++k) {
      char name[24];
      std::snprintf(name, sizeof name, "%03lld", static_cast<long long>(k));
      names.emplace_back(name), video.frames.push_back(frame_entry(file, k));
    }
  }
};

Json to_json(const PreparedVideo& v) {
  return {{"video", v.video}, {"folder", v.folder},         {"frames", v.frames},
          {"crops", v.crops}, {"repeated", v.repeated},     {"no_face", v.no_face},
          {"cut", v.cut},     {"several", v.several_faces}, {"geometry", v.geometry},
          {"note", v.note}};
}
PreparedVideo from_json(const Json& j) {
  PreparedVideo v;
  v.video = j.at("video"), v.folder = j.at("folder"), v.frames = j.at("frames"), v.crops = j.at("crops");
  v.repeated = j.at("repeated"), v.no_face = j.at("no_face"), v.cut = j.at("cut");
  v.several_faces = j.at("several"), v.geometry = j.at("geometry"), v.note = j.at("note");
  return v;
}

class Preparation {
 public:
  Preparation(const Index& index, const FaceFinder& finder, const PrepareVideosOptions& options,
              const PreparedFolder& out, std::vector<Places> places)
      : index_(index), finder_(finder), options_(options), out_(out), places_(std::move(places)) {}

  // Makes what is missing of the family.
  void make(const Family& family) {
    if (std::ranges::all_of(family, [&](size_t v) { return out_.done(v).has_value(); })) return;
    std::optional<Whole> lead = open(family[0]);
    if (!lead) {  // its fakes stand alone
      for (size_t i = 1; i < family.size(); ++i) make({family[i]});
      return;
    }
    std::vector<int> frames;
    for (const int64_t k : spaced_numbers(int64_t(lead->names.size()), options_.frames))
      if (frames.empty() || frames.back() != int(k)) frames.push_back(int(k));
    const FaceTrack track = track_face(finder_, lead->index, 0, frames, options_.no_face);
    std::vector<std::string> names;
    for (const int frame : frames) names.push_back(lead->names[size_t(frame)]);
    make_one(family[0], *lead, names, track, "own");

    for (size_t i = 1; i < family.size(); ++i) {
      if (out_.done(family[i])) continue;
      const std::optional<Whole> fake = open(family[i]);
      if (!fake) continue;
      const Image first = ClipReader(fake->index, 0).read(0);
      if (first.height == track.height && first.width == track.width)
        make_one(family[i], *fake, names, track, index_.videos[family[0]].id);
      else
        make({family[i]});
    }
  }

 private:
  // Nothing for a video that cannot be read or has no frame: that is noted.
  std::optional<Whole> open(size_t v) {
    std::string why = "it has no frame";
    try {
      Whole whole(index_, v);
      if (!whole.names.empty()) return whole;
      if (!whole.damage.empty()) why = whole.damage;
    } catch (const Error& error) {
      if (error.code() != Exit::data) throw;
      why = error.where();
    }
    leave_out(v, {}, why);
    return {};
  }

  void leave_out(size_t v, PreparedVideo said, const std::string& why) {
    said.video = file_of(v), said.note = said.note.empty() ? why : why + "; " + said.note;
    said.crops = said.repeated = 0;
    if (!out_.done(v)) out_.keep(v, {}, to_json(said));
  }

  std::string file_of(size_t v) const {
    const Video& video = index_.videos[v];
    return is_video_file(video) ? video.frames[0] : fs::path(video.frames[0]).parent_path().generic_string();
  }

  // The crops of a video by a track of faces in frames of those names, its own or its target's.
  void make_one(size_t v, const Whole& whole, const std::vector<std::string>& names, const FaceTrack& track,
                const std::string& geometry) {
    if (out_.done(v)) return;
    PreparedVideo said;
    said.video = file_of(v), said.frames = int(whole.names.size()), said.geometry = geometry;
    said.note = whole.damage, said.no_face = track.without, said.several_faces = track.several;
    std::map<std::string, int> places;
    for (size_t k = 0; k < whole.names.size(); ++k) places.emplace(whole.names[k], int(k));
    std::vector<size_t> present;  // of `names`
    for (size_t i = 0; i < names.size(); ++i)
      if (places.contains(names[i])) present.push_back(i);
    said.cut = int(names.size() - present.size());

    std::vector<size_t> picked = present;
    if (int(present.size()) < options_.frames) {
      const std::string lack =
          "only " + std::to_string(present.size()) + " of " + std::to_string(options_.frames) + " frames";
      if (options_.short_videos == Shortage::error)
        throw Error(Exit::data, "video " + said.video + " is too short", lack,
                    "--short-videos repeat or drop");
      if (options_.short_videos == Shortage::drop || present.empty()) return leave_out(v, said, lack);
      picked.clear();
      for (const int64_t at : spaced_numbers(int64_t(present.size()), options_.frames))
        picked.push_back(present[size_t(at)]);
    }
    if (std::ranges::none_of(picked, [&](size_t i) { return track.faces[i].has_value(); }))
      return leave_out(v, said, "no face in " + std::to_string(names.size()) + " frames");

    out_.begin(v);
    ClipReader reader(whole.index, 0);
    std::string png, npy, last;
    int again = 0;
    for (const size_t i : picked) {
      if (!track.faces[i]) continue;
      again = names[i] == last ? again + 1 : 0;
      if (again == 0) {
        const Face& face = *track.faces[i];
        const Affine placement =
            placement_of(face, options_.crops.aligned, options_.crops.size, options_.crops.margin);
        const Crop crop =
            crop_face(reader.read(places[names[i]]), face.points, placement, options_.crops.size);
        png = encode_png(crop.image), npy = encode_landmarks(crop.points), last = names[i];
      }
      const std::string name = names[i] + (again > 0 ? "_" + std::to_string(again) : "");
      out_.put(v, "frames/" + name + ".png", png);
      out_.put(v, "landmarks/" + name + ".npy", npy);
      ++said.crops, said.repeated += again > 0;
    }
    said.folder = places_[v].frames;
    out_.keep(v, {{"frames", places_[v].frames}, {"landmarks", places_[v].landmarks}}, to_json(said));
  }

  const Index& index_;
  const FaceFinder& finder_;
  const PrepareVideosOptions& options_;
  const PreparedFolder& out_;
  const std::vector<Places> places_;
};

Json record_of(const Index& index, const PrepareVideosOptions& o) {
  const bool files = std::ranges::any_of(index.videos, is_video_file);
  if (files && !why_no_video().empty())
    throw Error(Exit::data, why_no_video(), index.root.string() + " holds videos",
                "install libav and build again, or extract the frames into images");
  return {{"data", index.hash},
          {"libav", files ? video_libraries() : ""},
          {"frames", o.frames},
          {"short_videos", name_of(o.short_videos)},
          {"no_face", name_of(o.no_face)},
          {"align", o.crops.aligned ? "aligned" : "box"},
          {"size", o.crops.size},
          {"margin", o.crops.margin}};
}

// DeepfakeBench and load_index look for them beside the tree.
void copy_lists(const fs::path& from, const PreparedFolder& to) {
  for (const char* folder : {"", "split", "splits", "dataset/splits"})
    for (const char* name : {"train.json", "val.json", "test.json", "List_of_testing_videos.txt"})
      if (const fs::path list = fs::path(folder) / name; fs::is_regular_file(from / list))
        to.write(list, read_file(from / list, 1 << 24));
}

std::string report_csv(const Index& index, const std::vector<PreparedVideo>& videos) {
  std::string csv =
      "video,folder,split,label,method,id,frames,crops,repeated,no_face,cut,several_faces,geometry,note\n";
  for (size_t i = 0; i < videos.size(); ++i) {
    const PreparedVideo& v = videos[i];
    const Video& row = index.videos[i];
    csv += csv_quoted(v.video) + ',' + csv_quoted(v.folder) + ',' + row.split + ',' +
           std::to_string(row.label) + ',' + csv_quoted(row.method) + ',' + csv_quoted(row.id);
    for (const int n : {v.frames, v.crops, v.repeated, v.no_face, v.cut, v.several_faces})
      csv += ',' + std::to_string(n);
    csv += ',' + csv_quoted(v.geometry) + ',' + csv_quoted(v.note) + '\n';
  }
  return csv;
}

std::string index_of(const Index& index, const std::vector<PreparedVideo>& videos, const fs::path& out) {
  Index made{out, {}, {}, {}, {}};
  for (size_t i = 0; i < videos.size(); ++i) {
    if (videos[i].folder.empty()) continue;
    Video video = index.videos[i];
    video.frames.clear(), video.sha256.clear();
    for (const std::string& name : images_in(out / videos[i].folder))
      video.frames.push_back(videos[i].folder + "/" + name);
    made.videos.push_back(std::move(video));
  }
  return to_jsonl(made);
}

}  // namespace

Index videos_below(const fs::path& folder) {
  Index index{folder, {}, {}, {}, {}};
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied)) {
    const std::string file = entry.path().lexically_relative(folder).generic_string();
    if (!entry.is_regular_file() || !is_video_name(file)) continue;
    Video video;
    video.dataset = "videos", video.method = "unknown", video.frames = {file};
    video.id = fs::path(file).replace_extension().generic_string();
    index.videos.push_back(std::move(video));
  }
  if (index.videos.empty()) throw Error(Exit::data, "no video in " + folder.string());
  std::ranges::sort(index.videos, natural_less, [](const Video& video) { return video.frames[0]; });
  index.hash = sha256(to_jsonl(index));
  return index;
}

PrepareVideosReport prepare_videos(const Index& index, bool labelled, const fs::path& out,
                                   const FaceFinder& finder, const PrepareVideosOptions& options,
                                   const std::function<void(size_t, size_t)>& done) {
  const PreparedFolder folder(out, record_of(index, options), options.crops.replace);
  PrepareVideosReport report;
  for (size_t v = 0; v < index.videos.size(); ++v) report.before += folder.done(v).has_value();
  if (size_t(report.before) < index.videos.size()) {
    Preparation preparation(index, finder, options, folder, all_places(index));
    const std::vector<Family> families = families_of(index);
    std::mutex mutex;
    size_t finished = 0;
    parallel_for(families.size(), options.crops.threads, [&](size_t f) {
      preparation.make(families[f]);
      const std::lock_guard lock(mutex);
      finished += families[f].size();
      if (done) done(finished, index.videos.size());
    });
  }
  for (size_t v = 0; v < index.videos.size(); ++v) report.videos.push_back(from_json(folder.done(v).value()));
  if (std::ranges::all_of(report.videos, [](const PreparedVideo& v) { return v.folder.empty(); }))
    throw Error(Exit::data, "no face found in " + std::to_string(report.videos.size()) + " videos",
                report.videos[0].video + ": " + report.videos[0].note,
                "faces must look at the camera and be at least 80 pixels wide");
  copy_lists(index.root, folder);
  if (labelled) folder.write("index.jsonl", index_of(index, report.videos, out));
  folder.write("report.csv", report_csv(index, report.videos));
  return report;
}

}  // namespace rc
