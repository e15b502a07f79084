// Where the face is in some frames of a video: the biggest one of each.
#pragma once

#include <optional>
#include <vector>

#include "data/crop.h"
#include "data/faces.h"
#include "data/index.h"

namespace rc {

// What to do about frames without a face, and about videos that are too short.
enum class Shortage { repeat, drop, error };

struct FaceTrack {
  int height = 0, width = 0;               // of the frames
  std::vector<std::optional<Face>> faces;  // of each frame asked for
  int without = 0, several = 0;            // frames in which no face was found, and more than one
};

// `frames` are places in Video::frames, ascending. `no_face`: repeat gives a frame without a face that of the
// nearest frame with one (the earlier of two), drop leaves it without. Throws Error(data) for the first such
// frame under error, and as read_frame does.
FaceTrack track_face(const FaceFinder&, const Index&, int video, const std::vector<int>& frames,
                     Shortage no_face);

// The face whose box is the largest, the leftmost of equals; nothing where there is none.
std::optional<Face> biggest_face(const std::vector<Face>&);

// From frame to crop, aligned by landmarks or upright by the box.
Affine placement_of(const Face&, bool aligned, int size, double margin);

}  // namespace rc
