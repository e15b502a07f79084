#include "kernels/image.h"

#include "engine/block.h"
#include "kernels/channels.h"
#include "kernels/registers.h"

namespace rc {

template <class T>
template <class Block>
RC_HD void NormaliseImages<T>::operator()(Block block) const {
  const int64_t n = block.index() / height, row = block.index() % height;
  const Channels shape{images, height * width, 3, out_block};
  T* to = out + shape.at(n, row * width, 0);
  const int64_t columns = width, next = shape.block_stride();
  // Step to the next pixel of the image, and of what is written: known when the loop is compiled.
  const auto walk = [&](const uint8_t* pixel, auto from, auto step) {
    for (int colour = 0; colour < 3; ++colour, ++pixel) {
      T* plane = to + (step == 1 ? colour * next : colour);
      const float centre = mean[colour], spread = std[colour];
#pragma omp simd
      for (int64_t i = block.lane(); i < columns; i += block.lanes())
        plane[i * step] = T((float(pixel[i * from]) / 255.0f - centre) / spread);
    }
  };
  const uint8_t* first = rgb + block.index() * width * 3;
  const bool mirrored = flip != nullptr && flip[n] != 0, planar = out_block == 1;
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
