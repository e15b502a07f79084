#include "kernels/storage.h"

#include "engine/block.h"

namespace rc {

template <class T>
template <class Block>
RC_HD void ConvertStorage<T>::operator()(Block block) const {
  const Channels to{from.images, from.pixels, from.channels, out_block};
  int64_t side =
      from.block;  // the greatest number of channels that lie side by side in both: a common divisor
  for (int64_t other = to.block; other != 0;) {
    const int64_t rest = side % other;
    side = other, other = rest;
  }
  const int64_t chunks = (from.pixels + kStoragePixels - 1) / kStoragePixels;
  const int64_t n = block.index() / chunks, first = block.index() % chunks * kStoragePixels;
  const int64_t pixels = from.pixels - first < kStoragePixels ? from.pixels - first : kStoragePixels;
  const int64_t groups = from.channels / side;
  for (int64_t i = block.lane(); i < pixels * groups; i += block.lanes()) {
    const int64_t p = first + i % pixels, c = i / pixels * side;
    const T* source = x + from.at(n, p, c);
    T* target = y + to.at(n, p, c);
    for (int64_t k = 0; k < side; ++k) target[k] = source[k];
  }
}

template void enter<Target::RC_TARGET>(const ConvertStorage<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const ConvertStorage<Bf16>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   ConvertStorage<float>  48  0
//   ConvertStorage<Bf16>   48  0

}  // namespace rc
