// How kernels over channels cut an activation [N, P, C]: a block takes a tile, at most 256 neighbouring
// pixels of one image by at most 64 channels that lie side by side. The cut depends on the shape alone.
#pragma once

#include <cstdint>

#include "engine/launch.h"
#include "engine/target.h"
#include "kernels/channels.h"

namespace rc {

inline constexpr int64_t kTileChannels = 64;
inline constexpr int64_t kRunPixels = 32;  // pixels that one lane walks, for a few channels
inline constexpr int64_t kTileRuns = 8;
inline constexpr int64_t kTilePixels = kRunPixels * kTileRuns;

struct Tile {
  int64_t image, chunk;    // chunk: of pixels, counted over all images: the row of a table of partial results
  int64_t channel, width;  // first channel, number of channels
  int64_t pixels;          // number of pixels
  int64_t begin, stride;   // offset of the first pixel's first channel; step from pixel to pixel

  RC_INLINE int64_t runs() const { return (pixels + kRunPixels - 1) / kRunPixels; }
};

// Chunks of pixels in all images.
RC_INLINE int64_t chunks(const Channels& shape) {
  return shape.images * ((shape.pixels + kTilePixels - 1) / kTilePixels);
}

RC_INLINE int64_t tiles_across(const Channels& shape) {
  return shape.channels / shape.block * ((shape.block + kTileChannels - 1) / kTileChannels);
}

// One block per tile; tiles of the same pixels are neighbours.
inline Grid tile_grid(const Channels& shape, size_t shared = 0) {
  return {.blocks = chunks(shape) * tiles_across(shape), .lanes = 128, .shared = shared};
}

RC_INLINE Tile tile_at(const Channels& shape, int64_t index) {
  const int64_t across = tiles_across(shape), per_block = (shape.block + kTileChannels - 1) / kTileChannels;
  const int64_t per_image = (shape.pixels + kTilePixels - 1) / kTilePixels;
  const int64_t column = index % across, inside = column % per_block * kTileChannels;
  Tile tile;
  tile.chunk = index / across;
  tile.image = tile.chunk / per_image;
  tile.channel = column / per_block * shape.block + inside;
  tile.width = shape.block - inside < kTileChannels ? shape.block - inside : kTileChannels;
  const int64_t pixel = tile.chunk % per_image * kTilePixels;
  tile.pixels = shape.pixels - pixel < kTilePixels ? shape.pixels - pixel : kTilePixels;
  tile.begin = shape.at(tile.image, pixel, tile.channel);
  tile.stride = shape.pixel_stride();
  return tile;
}

// A fixed number of neighbouring channels. `packed`: they start at a multiple of 16 bytes.
template <int n, bool packed>
struct Width {
  static constexpr int value = n;
};

// v[k] = p[k], and back.
template <class W, class T>
RC_INLINE void read(W, const T* p, float* v) {
  for (int k = 0; k < W::value; ++k) v[k] = float(p[k]);
}

}  // namespace rc
