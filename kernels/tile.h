// How kernels over channels cut an activation [N, P, C]: a block takes a tile, at most 256 neighbouring
// pixels of one image by at most 64 channels that lie side by side. The cut depends on the shape alone, and a
// channel's sums on its pixels alone.
#pragma once

#include <cstdint>

#include "engine/chunks.h"
#include "engine/launch.h"
#include "engine/target.h"
#include "kernels/channels.h"

namespace rc {

inline constexpr int64_t kRunPixels = 32;  // pixels that one lane walks, for a few channels
inline constexpr int64_t kTilePixels = 8 * kRunPixels;
inline constexpr int64_t kPixelsAhead = 24;  // where they follow each other in memory
inline constexpr int64_t kTileChannels = 64;
inline constexpr int64_t kTileRows = 8 * kTileChannels;  // runs by channels of a tile: its partial results

struct Tile {
  int64_t image, chunk;    // chunk: of pixels, counted over all images: its place among partial results
  int64_t channel, width;  // first channel, number of channels
  int64_t pixels;          // number of pixels
  int64_t begin, stride;   // offset of the first pixel's first channel; step from pixel to pixel
  int64_t ahead;  // offset of what to expect while the first pixel is taken; width further at each other

  RC_INLINE int64_t runs() const { return (pixels + kRunPixels - 1) / kRunPixels; }
  RC_INLINE int64_t run_pixels(int64_t run) const {
    const int64_t left = pixels - run * kRunPixels;
    return left < kRunPixels ? left : kRunPixels;
  }
};

RC_INLINE Chunks chunks_of(const Channels& shape) { return {shape.images, shape.pixels, kTilePixels}; }
RC_INLINE int64_t chunks_per_image(const Channels& shape) { return chunks_of(shape).per_image(); }
RC_INLINE int64_t chunks(const Channels& shape) { return chunks_of(shape).count(); }
RC_INLINE int64_t tiles_per_block(const Channels& shape) {
  return (shape.block + kTileChannels - 1) / kTileChannels;
}
RC_INLINE int64_t tiles_across(const Channels& shape) {
  return shape.channels / shape.block * tiles_per_block(shape);
}

// One block per tile.
inline Grid tile_grid(const Channels& shape) { return {.blocks = chunks(shape) * tiles_across(shape)}; }

// One block for all pixels of an image, and the channels of a tile.
inline Grid pixel_sums_grid(const Channels& shape) { return {.blocks = shape.images * tiles_across(shape)}; }

// What sums over pixels take by Block::shared (pixel_sums.h).
template <int n>
inline constexpr size_t kTileSumsShared = n* kTileRows * sizeof(float);
inline constexpr size_t kPixelSumsShared = kTileSumsShared<1> + kTileChannels * sizeof(double);

// Chunk of_image of an image's pixels, by the channels of one of the tiles across.
RC_INLINE Tile tile_at(const Channels& shape, int64_t image, int64_t of_image, int64_t across) {
  const int64_t inside = across % tiles_per_block(shape) * kTileChannels, left = shape.block - inside;
  Tile tile;
  tile.image = image;
  tile.chunk = image * chunks_per_image(shape) + of_image;
  tile.channel = across / tiles_per_block(shape) * shape.block + inside;
  tile.width = left < kTileChannels ? left : kTileChannels;
  tile.pixels = chunks_of(shape).size(of_image);
  tile.begin = shape.at(image, of_image * kTilePixels, tile.channel);
  tile.stride = shape.pixel_stride();
  tile.ahead = tile.stride == tile.width ? tile.begin + kPixelsAhead * tile.stride
                                         : tile.begin - inside + tile.pixels * (tile.stride + inside);
  return tile;
}

// Tiles in the order of memory, which a processor foresees: channels that lie side by side, then pixels, then
// blocks of channels, then images.
RC_INLINE Tile tile_at(const Channels& shape, int64_t index) {
  const int64_t across = tiles_across(shape), per_block = tiles_per_block(shape);
  const int64_t of_image = index / per_block % chunks_per_image(shape);
  const int64_t block = index / (per_block * chunks_per_image(shape)) % (across / per_block);
  return tile_at(shape, index / (across * chunks_per_image(shape)), of_image,
                 block * per_block + index % per_block);
}

}  // namespace rc
