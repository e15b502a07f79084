// Square crops of faces out of photographs: aligned as DeepfakeBench does it, or upright by the face's box.
#pragma once

#include "data/affine.h"
#include "data/faces.h"
#include "data/image.h"
#include "data/landmarks.h"

namespace rc {

struct Crop {
  Image image;       // size x size
  Landmarks points;  // in the crop's coordinates
};

// From photograph to crop, by five landmarks (37, 44, 30, 49, 55 counted from 0, as DeepfakeBench's
// img_align_crop with its scale as `margin`) laid onto the template of ArcFace (Deng et al., CVPR 2019).
Affine aligned_placement(const Landmarks&, int size, double margin);

// From photograph to crop: the square about the box's centre, its side `margin` times the box's longer one.
Affine boxed_placement(const FaceBox&, int size, double margin);

// Resamples bilinearly; where the crop is smaller than what it shows, each pixel is the mean over its whole
// area. Beyond the photograph's border the picture is mirrored.
Crop crop_face(const Image& photo, const Landmarks&, const Affine& placement, int size);

}  // namespace rc
