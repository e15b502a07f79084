#include "model/weights/filter_order.h"

namespace rc {
namespace {

std::string reordered(const std::string& bytes, const Shape& krsc, bool to_pytorch) {
  std::string out(bytes.size(), '\0');
  const float* from = reinterpret_cast<const float*>(bytes.data());
  float* to = reinterpret_cast<float*>(out.data());
  const int64_t pixels = krsc[1] * krsc[2], c = krsc[3];
  for (int64_t k = 0; k < krsc[0]; ++k)
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t j = 0; j < c; ++j) {
        const int64_t ours = (k * pixels + p) * c + j, theirs = (k * c + j) * pixels + p;
        to_pytorch ? to[theirs] = from[ours] : to[ours] = from[theirs];
      }
  return out;
}

}  // namespace

std::vector<int64_t> pytorch_shape(const Shape& s) {
  if (s.rank() == 4) return {s[0], s[3], s[1], s[2]};
  return {s.dims().begin(), s.dims().end()};
}

std::string to_pytorch_order(std::string bytes, const Shape& shape) {
  return shape.rank() == 4 ? reordered(bytes, shape, true) : bytes;
}
std::string from_pytorch_order(std::string bytes, const Shape& shape) {
  return shape.rank() == 4 ? reordered(bytes, shape, false) : bytes;
}

}  // namespace rc
