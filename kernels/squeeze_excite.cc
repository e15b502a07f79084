#include "kernels/squeeze_excite.h"

#include "engine/block.h"
#include "kernels/pixel_sums.h"

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

template <class T>
template <class Block>
RC_HD void GateGradient<T>::operator()(Block block) const {
  sum_pixels<T>(
      block, shape,
      [&](auto width, int64_t at) RC_WRITTEN_OUT { return read(width, x + at) * read(width, dy + at); },
      [&](int64_t at, double total) { dgate[at] = float(total); });
}

template <class T>
template <class Block>
RC_HD void ScaleChannelsBackward<T>::operator()(Block block) const {
  const Tile tile = tile_at(shape, block.index());
  each_run<T>(block, tile, [&](auto width, const Run& run) {
    const int64_t of_image = tile.image * shape.channels + tile.channel + run.channel;
    const auto scale = read_floats(width, gate + of_image);
    const auto share = read_floats(width, dmean + of_image) / float(shape.pixels);
    for (int64_t i = 0; i < run.pixels; ++i) {
      const int64_t at = run.begin + i * tile.stride;
      write(width, dx + at, read(width, dy + at) * scale + share);
    }
  });
}

template void enter<Target::RC_TARGET>(const ScaleChannels<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const ScaleChannels<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GateGradient<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const GateGradient<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const ScaleChannelsBackward<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const ScaleChannelsBackward<Bf16>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   ScaleChannels<float>          64     0
//   ScaleChannels<Bf16>           64     0
//   GateGradient<float>           80  2560
//   GateGradient<Bf16>            80  2560
//   ScaleChannelsBackward<float>  64     0
//   ScaleChannelsBackward<Bf16>   64     0

}  // namespace rc
