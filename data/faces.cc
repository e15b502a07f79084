#include "data/faces.h"

// Detection multiplies no matrices. Without these two marks, which these headers set for all the others, dlib
// leaves BLAS and LAPACK out of the program.
#include <dlib/algs.h>
#include <dlib/test_for_odr_violations.h>
#undef DLIB_USE_BLAS
#undef DLIB_USE_LAPACK

#include <dlib/array2d.h>
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/pixel.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "engine/error.h"

namespace rc {

struct FaceFinder::Models {
  dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
  dlib::shape_predictor landmarks;
};

FaceFinder::FaceFinder(const std::filesystem::path& landmark_model) : models_(std::make_unique<Models>()) {
  const auto refuse = [&](const std::string& why) {
    throw Error(Exit::data, "cannot read landmark model " + landmark_model.string(), why,
                "install it with: apt-get install libdlib-data");
  };
  if (!std::filesystem::is_regular_file(landmark_model)) refuse("no such file");
  try {
    dlib::deserialize(landmark_model.string()) >> models_->landmarks;
  } catch (const dlib::error& error) {
    refuse(error.what());
  }
  if (models_->landmarks.num_parts() != std::tuple_size_v<Landmarks>) refuse("it is no model of 68 points");
}

FaceFinder::~FaceFinder() = default;

std::vector<Face> FaceFinder::find(const Image& image, int min_width) const {
  static_assert(sizeof(dlib::rgb_pixel) == 3);
  dlib::array2d<dlib::rgb_pixel> pixels(image.height, image.width);
  for (int y = 0; y < image.height; ++y) std::memcpy(&pixels[y][0], image.at(y, 0), size_t(image.width) * 3);

  dlib::frontal_face_detector detector = models_->detector;  // a detector keeps its last pyramid: one a call
  std::vector<Face> faces;
  for (const dlib::rectangle& found : detector(pixels)) {
    if (found.width() < static_cast<unsigned long>(min_width)) continue;
    const dlib::full_object_detection shape = models_->landmarks(pixels, found);
    Face face;
    face.box = {float(found.left()), float(found.top()), float(found.right() + 1), float(found.bottom() + 1)};
    for (size_t i = 0; i < face.points.size(); ++i)
      face.points[i] = {float(shape.part(i).x()), float(shape.part(i).y())};
    faces.push_back(face);
  }
  std::ranges::sort(faces, {}, [](const Face& face) { return std::tuple(face.box.left, face.box.top); });
  return faces;
}

}  // namespace rc
