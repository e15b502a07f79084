#include "kernels/squeeze_excite.h"

#include "engine/block.h"
#include "kernels/registers.h"
#include "kernels/runs.h"

namespace rc {

template <class T>
template <class Block>
RC_HD void ScaleChannels<T>::operator()(Block block) const {
  const Tile tile = tile_at(shape, block.index());
  each_run<T>(block, tile, [&](auto width, const Run& run) {
    const auto scale = read_floats(width, gate + tile.image * shape.channels + tile.channel + run.channel);
    for (int64_t i = 0; i < run.pixels; ++i) {
      const int64_t at = run.begin + i * tile.stride;
      write(width, y + at, read(width, x + at) * scale);
    }
  });
}

template void enter<Target::RC_TARGET>(const ScaleChannels<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const ScaleChannels<Bf16>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   ScaleChannels<float>  64  0
//   ScaleChannels<Bf16>   64  0

}  // namespace rc
