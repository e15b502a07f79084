#include "kernels/image.h"

#include "engine/block.h"
#include "kernels/channels.h"
#include "kernels/registers.h"
#include "kernels/runs.h"

namespace rc {

// The pixels of a row that fill vectors, with their colours side by side. Returns how many.
template <class E, class T>
RC_INLINE int64_t whole_vectors(const NormaliseImages<T>& kernel, const uint8_t* row, bool mirrored, T* to) {
  constexpr int pixels = sizeof(E) / sizeof(float);  // whose colours are 3 vectors
  constexpr Width<E, 1> width;
  E centre[3], spread[3];
  for (int j = 0; j < 3 * pixels; ++j)
    centre[j / pixels][j % pixels] = kernel.mean[j % 3], spread[j / pixels][j % pixels] = kernel.std[j % 3];
  int64_t i = 0;
  for (; i + pixels <= kernel.width; i += pixels) {
    const uint8_t* from = row + 3 * i;
    uint8_t turned[3 * pixels];
    if (mirrored) {
      from = row + 3 * (kernel.width - i - pixels);
      for (int p = 0; p < pixels; ++p)
        for (int colour = 0; colour < 3; ++colour)
          turned[3 * p + colour] = from[3 * (pixels - 1 - p) + colour];
      from = turned;
    }
    for (int v = 0; v < 3; ++v) {
      auto x = read(width, from + v * pixels);
      x.e[0] = (x.e[0] / 255.0f - centre[v]) / spread[v];
      write(width, to + 3 * i + v * pixels, x);
    }
  }
  return i;
}

template <class T>
template <class Block>
RC_HD void NormaliseImages<T>::operator()(Block block) const {
  const int64_t n = block.index() / height, row = block.index() % height;
  const Channels shape{images, height * width, 3, out_block};
  T* to = out + shape.at(n, row * width, 0);
  const int64_t columns = width, next = shape.block_stride();
  const uint8_t* first = rgb + block.index() * width * 3;
  const bool mirrored = flip != nullptr && flip[n] != 0, planar = out_block == 1;
  int64_t done = 0;
  if constexpr (constexpr int full = kVectorFloats<Block>; full > 0)
    if (!planar) done = whole_vectors<typename Vector<full>::Float>(*this, first, mirrored, to);
  // Step to the next pixel of the image, and of what is written: known when the loop is compiled.
  const auto walk = [&](const uint8_t* pixel, auto from, auto step) {
    for (int colour = 0; colour < 3; ++colour, ++pixel) {
      T* plane = to + (step == 1 ? colour * next : colour);
      const float centre = mean[colour], spread = std[colour];
#pragma omp simd
      for (int64_t i = done + block.lane(); i < columns; i += block.lanes())
        plane[i * step] = T((float(pixel[i * from]) / 255.0f - centre) / spread);
    }
  };
  if (mirrored) {
    const uint8_t* last = first + (width - 1) * 3;
    planar ? walk(last, Constant<-3>(), Constant<1>()) : walk(last, Constant<-3>(), Constant<3>());
  } else {
    planar ? walk(first, Constant<3>(), Constant<1>()) : walk(first, Constant<3>(), Constant<3>());
  }
}

template void enter<Target::RC_TARGET>(const NormaliseImages<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const NormaliseImages<Bf16>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   NormaliseImages<float>  48  0
//   NormaliseImages<Bf16>   48  0

}  // namespace rc
