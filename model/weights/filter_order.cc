#include "model/weights/filter_order.h"

namespace rc {
namespace {

// Values of a filter in one order to the other.
void reorder(const void* from_values, void* to_values, const Shape& krsc, bool to_pytorch) {
  const float* from = static_cast<const float*>(from_values);
  float* to = static_cast<float*>(to_values);
  const int64_t pixels = krsc[1] * krsc[2], c = krsc[3];
  for (int64_t k = 0; k < krsc[0]; ++k)
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t j = 0; j < c; ++j) {
        const int64_t ours = (k * pixels + p) * c + j, theirs = (k * c + j) * pixels + p;
        to_pytorch ? to[theirs] = from[ours] : to[ours] = from[theirs];
      }
}

template <class Container>
Container reordered(Container values, const Shape& shape, bool to_pytorch) {
  if (shape.rank() != 4) return values;
  Container out(values.size(), {});
  reorder(values.data(), out.data(), shape, to_pytorch);
  return out;
}

}  // namespace

std::vector<int64_t> pytorch_shape(const Shape& s) {
  if (s.rank() == 4) return {s[0], s[3], s[1], s[2]};
  return {s.dims().begin(), s.dims().end()};
}

std::string to_pytorch_order(std::string bytes, const Shape& shape) {
  return reordered(std::move(bytes), shape, true);
}
std::string from_pytorch_order(std::string bytes, const Shape& shape) {
  return reordered(std::move(bytes), shape, false);
}
std::vector<float> to_pytorch_order(std::vector<float> values, const Shape& shape) {
  return reordered(std::move(values), shape, true);
}

}  // namespace rc
