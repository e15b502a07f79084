// Activations cut into the tiles that Winograd's transforms work on, and those tiles at its points.
#pragma once

#include "engine/host/winograd_transforms.h"

namespace rc::winograd {

// An activation, 16 channels at a time.
template <class T>
struct Image {
  T* data;
  int64_t height, width, channels, block;

  int64_t vectors() const { return channels / kVector; }
  int64_t row() const { return width * block; }
  T* at(int64_t n, int64_t row_index, int64_t column, int64_t v) const {
    const int64_t vector = block == kVector ? height * width * kVector : kVector;
    return data + n * height * width * channels + row_index * row() + column * block + v * vector;
  }
};

// The tiles of all images, counted image by image and row by row.
struct Tiles {
  int64_t images, down, across;

  Tiles(int64_t count_of_images, int64_t height, int64_t width)
      : images(count_of_images), down((height + kTile - 1) / kTile), across((width + kTile - 1) / kTile) {}

  int64_t count() const { return images * down * across; }
  int64_t image(int64_t tile) const { return tile / (down * across); }
  int64_t row(int64_t tile) const { return tile / across % down * kTile; }
  int64_t column(int64_t tile) const { return tile % across * kTile; }
};

// Some tiles at some points, in memory: [points, channels / 16, tiles, 16]. Vectors lie a line more than so
// many tiles apart: powers of two would bring all points to the same few places of the caches.
struct AtPoints {
  float* data;
  int64_t tiles, vectors;
  Range points;

  int64_t vector() const { return (tiles + 1) * kVector; }
  int64_t point() const { return vectors * vector(); }
  int64_t size() const { return (points.end - points.first) * point(); }
  float* at(int64_t p, int64_t v, int64_t tile) const {
    return data + (p - points.first) * point() + v * vector() + tile * kVector;
  }
  Stored stored() const { return {1, tiles, 0, 0, kVector, vector()}; }
};
inline constexpr Range kAllPoints{0, kPoints};

// Brings vectors of these tiles to the points, each tile from the square that begins `before` rows and
// columns before it; outside of the image are zeros. `to` begins with the first of both.
template <class Line, class T>
RC_AVX512 void to_points(const Image<const T>& image, const Tiles& tiles, int64_t before, Range vectors,
                         Range range, const AtPoints& to) {
  constexpr bool line_of_memory = sizeof(T) == sizeof(float);  // else half of one
  for (int64_t v = vectors.first; v < vectors.end; ++v)
    for (int64_t t = range.first; t < range.end; ++t) {
      const int64_t top = tiles.row(t) - before, left = tiles.column(t) - before;
      const T* corner = image.at(tiles.image(t), top, left, v);
      if (line_of_memory || v % 2 == 0)
        for (int i = 0; i < kTile; ++i) {  // what the row of tiles below needs besides
          RC_UNROLL
          for (int j = 0; j < kTile; ++j)
            __builtin_prefetch(corner + (Line::from + i) * image.row() + j * image.block);
        }
      const ToPoints write{to.at(to.points.first, v - vectors.first, t - range.first), to.point(), to.points};
      if (top >= 0 && left >= 0 && top + Line::from <= image.height && left + Line::from <= image.width) {
        both_ways<Line>(WholeSquare<T>{corner, image.row(), image.block}, write, write.rows());
        continue;
      }
      Square<T> square{corner, image.row(), image.block, {}, {}};
      for (int i = 0; i < Line::from; ++i) {
        square.rows[i] = top + i >= 0 && top + i < image.height ? 0xffff : 0;
        square.values[i] = left + i >= 0 && left + i < image.width ? 0xffff : 0;
      }
      both_ways<Line>(square, write, write.rows());
    }
}

}  // namespace rc::winograd
