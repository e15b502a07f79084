// From videos to crops of faces that a detector is trained on, in the tree that DeepfakeBench makes:
// <...>/videos/071.mp4 becomes <...>/frames/071/012.png and <...>/landmarks/071/012.npy.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/face_track.h"
#include "data/index.h"
#include "data/prepare.h"

namespace rc {

struct PrepareVideosOptions {
  PrepareOptions crops;
  int frames = 32;                           // a video, evenly spaced
  Shortage short_videos = Shortage::repeat;  // those with fewer frames
  Shortage no_face = Shortage::drop;         // frames without one
};

struct PreparedVideo {
  std::string video, folder;                    // where it was read, and what it became; empty: left out
  int frames = 0;                               // that it has
  int crops = 0, repeated = 0;                  // images, and how many of these are one more of another
  int no_face = 0, several_faces = 0, cut = 0;  // of the frames asked for; `cut`: beyond its end
  std::string geometry;                         // "own", or the video whose boxes and landmarks it has
  std::string note;                             // why it was left out, or what is wrong with it
};

struct PrepareVideosReport {
  std::vector<PreparedVideo> videos;  // in the index's order
  int before = 0;                     // how many of them an earlier process had made
};

// A folder of videos that is no data set, as an index of reals that nothing is known of: relative paths are
// their names. Throws Error(data) when there is none.
Index videos_below(const std::filesystem::path& folder);

// Makes the crops of all videos of the index (files, or folders of whole frames) in `out`. A fake is cropped
// with the boxes and landmarks of its target at the same frame number, where the target is in the index and
// frames are as large: crops are aligned to the pixel. Frames are named by their number; those that are
// repeated have _1, _2 after it. `out` also gets report.csv, the lists of splits that lie beside the index's
// data, and, for a `labelled` index, index.jsonl. Killed at any time, the same call goes on, and gives the
// same bytes for any number of threads. `done` hears how many videos of how many are done, from several
// threads, one at a time.
//
// Throws Error(data) for what a policy calls an error, for two videos that would have one folder, for paths
// outside the index's root, and when there is no face at all; Error(usage) as PreparedFolder does.
PrepareVideosReport prepare_videos(const Index&, bool labelled, const std::filesystem::path& out,
                                   const FaceFinder&, const PrepareVideosOptions&,
                                   const std::function<void(size_t done, size_t all)>& done = {});

}  // namespace rc
