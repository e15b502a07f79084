#include "kernels/image.h"

#include "engine/block.h"
#include "kernels/channels.h"

namespace rc {

template <class T>
template <class Block>
RC_HD void NormaliseImages<T>::operator()(Block block) const {
  const int64_t n = block.index() / height, row = block.index() % height;
  const bool mirrored = flip != nullptr && flip[n] != 0;
  const Channels shape{images, height * width, 3, out_block};
  const uint8_t* from = rgb + block.index() * width * 3;
  for (int64_t i = block.lane(); i < width * 3; i += block.lanes()) {
    const int64_t column = i / 3, colour = i % 3;
    const float v = float(from[(mirrored ? width - 1 - column : column) * 3 + colour]);
    out[shape.at(n, row * width + column, colour)] = T((v / 255.0f - mean[colour]) / std[colour]);
  }
}

template void enter<Target::RC_TARGET>(const NormaliseImages<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const NormaliseImages<Bf16>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   NormaliseImages<float>  40  0
//   NormaliseImages<Bf16>   40  0

}  // namespace rc
