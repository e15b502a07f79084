// Finds faces in a photograph and their landmarks: dlib's HOG detector (Dalal and Triggs; King 2015) and its
// regression trees (Kazemi and Sullivan, CVPR 2014). faces.cc is the only file that includes dlib.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "data/image.h"
#include "data/landmarks.h"

namespace rc {

struct FaceBox {
  float left = 0, top = 0, right = 0, bottom = 0;  // may reach beyond the photograph
  float width() const { return right - left; }
};

struct Face {
  FaceBox box;
  Landmarks points;
};

// Where Debian's libdlib-data puts the landmark model.
inline constexpr const char* kLandmarkModel = "/usr/share/dlib/shape_predictor_68_face_landmarks.dat";

class FaceFinder {
 public:
  // Takes a second and 100 MB. Throws Error(data) when the file is missing or is no model of 68 points.
  explicit FaceFinder(const std::filesystem::path& landmark_model = kLandmarkModel);
  ~FaceFinder();

  // The faces whose box is at least `min_width` pixels wide (80 is the smallest that the detector sees), left
  // to right. May be called from several threads at once.
  std::vector<Face> find(const Image&, int min_width = 80) const;

 private:
  struct Models;
  std::unique_ptr<Models> models_;
};

}  // namespace rc
