#include "data/face_track.h"

#include <algorithm>

#include "data/frame.h"
#include "engine/error.h"

namespace rc {
namespace {

// Each frame without a face gets that of the nearest frame that has one.
void fill_gaps(std::vector<std::optional<Face>>& faces, const std::vector<int>& frames) {
  const std::vector<std::optional<Face>> found = faces;
  for (size_t i = 0; i < faces.size(); ++i) {
    if (found[i]) continue;
    const auto distance = [&](size_t j) { return std::abs(frames[i] - frames[j]); };
    std::optional<size_t> nearest;
    for (size_t j = 0; j < found.size(); ++j)
      if (found[j] && (!nearest || distance(j) < distance(*nearest))) nearest = j;
    if (nearest) faces[i] = found[*nearest];
  }
}

}  // namespace

std::optional<Face> biggest_face(const std::vector<Face>& faces) {
  const auto biggest = std::ranges::max_element(
      faces, {}, [](const Face& face) { return face.box.width() * (face.box.bottom - face.box.top); });
  return biggest == faces.end() ? std::nullopt : std::optional(*biggest);
}

FaceTrack track_face(const FaceFinder& finder, const Index& index, int video, const std::vector<int>& frames,
                     Shortage no_face) {
  FaceTrack track;
  ClipReader reader(index, video);
  for (const int frame : frames) {
    const Image image = reader.read(frame);
    if (track.faces.empty()) track.height = image.height, track.width = image.width;
    const std::vector<Face> found = finder.find(image);
    track.several += found.size() > 1;
    track.without += found.empty();
    if (found.empty() && no_face == Shortage::error)
      throw Error(Exit::data, "no face in " + index.videos[size_t(video)].frames[size_t(frame)], {},
                  "faces must look at the camera and be at least 80 pixels wide; --no-face drop leaves such "
                  "frames out");
    track.faces.push_back(biggest_face(found));
  }
  if (no_face == Shortage::repeat) fill_gaps(track.faces, frames);
  return track;
}

Affine placement_of(const Face& face, bool aligned, int size, double margin) {
  return aligned ? aligned_placement(face.points, size, margin) : boxed_placement(face.box, size, margin);
}

}  // namespace rc
