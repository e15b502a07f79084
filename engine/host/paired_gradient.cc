#include "engine/host/paired_gradient.h"

namespace rc {
namespace {

constexpr int64_t kChunkBytes = 1 << 19;  // what a thread's chunk takes of its cache, about
constexpr int64_t kAhead = 8192;          // values before their turn that packing asks for memory

}  // namespace

PairedGradient::PairedGradient(const ConvDesc& d)
    : d_(d), pairs_((d.q() + 1) / 2), threads_(omp_get_max_threads()) {
  const int64_t vectors =
      rows().vectors() * (transposed() ? d.s : 1) + most_columns() * (transposed() ? 1 : d.s);
  const int64_t row_bytes = vectors * pairs_ * kVector * int64_t(sizeof(float));
  const int64_t rows_at_once = std::max(int64_t(1), kChunkBytes / row_bytes);
  const int64_t parts = (d.p() + rows_at_once - 1) / rows_at_once;
  chunk_ = {std::clamp(rows_at_once / d.p(), int64_t(1), d.n), (d.p() + parts - 1) / parts};
}

int64_t PairedGradient::packed_size() const {
  const int64_t in = transposed() ? rows().vectors() : most_columns(),
                out = transposed() ? most_columns() : rows().vectors();
  return in * in_at(chunk_).vector + out * out_at(chunk_).vector;
}
size_t PairedGradient::workspace() const {
  return size_t(threads_ * packed_size() + (transposed() ? d_.r * d_.s * d_.c * d_.k : 0)) * sizeof(float);
}

OuterProducts PairedGradient::products(Side in, Side out, float* sums) const {
  in.channels = d_.c, out.channels = d_.k;
  return transposed() ? OuterProducts{in, out, sums, d_.k} : OuterProducts{out, in, sums, d_.r * d_.s * d_.c};
}

void PairedGradient::run(const void* x, const void* dy, void* dw, void* workspace) {
  float *packed = static_cast<float*>(workspace), *result = static_cast<float*>(dw);
  float* sums = transposed() ? packed + threads_ * packed_size() : result;
  const int64_t pieces = products({}, {}, nullptr).pieces();
#pragma omp parallel for schedule(static, 1)
  for (int64_t share = 0; share < threads_; ++share)
    add_share(static_cast<const Bf16*>(x), static_cast<const Bf16*>(dy),
              {pieces * share / threads_, pieces * (share + 1) / threads_}, packed + share * packed_size(),
              sums);
  if (transposed()) transpose_sums(sums, d_.r * d_.s, d_.c, d_.k, result);
}

void PairedGradient::add_share(const Bf16* x, const Bf16* dy, Range pieces, float* packed,
                               float* sums) const {
  const OuterProducts shape = products({}, {}, nullptr);
  Range mine{columns().vectors(), 0};
  for (int64_t panel = 0; panel < columns().count(); ++panel)
    if (!shape.row_tiles_of(panel, pieces).empty())
      mine = {std::min(mine.first, columns().begin(panel)), columns().begin(panel + 1)};
  if (mine.empty()) return;

  const Range all{0, rows().vectors()}, ins = transposed() ? all : mine, outs = transposed() ? mine : all;
  for (int64_t n = 0; n < d_.n; n += chunk_.images)
    for (int64_t p = 0; p < d_.p(); p += chunk_.rows) {
      const Chunk chunk{std::min(chunk_.images, d_.n - n), std::min(chunk_.rows, d_.p() - p)};
      const Stored in_stored = in_at(chunk), out_stored = out_at(chunk);
      const int64_t row_size = pairs_ * kVector;
      float* packed_out = packed + (ins.end - ins.first) * in_stored.vector;
      for (int64_t i = 0; i < chunk.images * d_.s * in_rows(chunk); ++i)
        pack_row_of_x(x, chunk, n, p, i, ins, packed + i * row_size);
      for (int64_t i = 0; i < chunk.images * chunk.rows; ++i)
        pack_row(dy + ((n + i / chunk.rows) * d_.p() + p + i % chunk.rows) * d_.q() * d_.k, 0, 1, d_.q(),
                 d_.k, outs, out_stored.vector, packed_out + i * row_size);
      for (int64_t r = 0; r < d_.r; ++r)
        for (int64_t s = 0; s < d_.s; ++s) {
          const int64_t tap = r * d_.s + s, row = s * in_rows(chunk) + row_of(chunk, r);
          const Side in{packed + row * row_size, in_stored, d_.c, ins.first},
              out{packed_out, out_stored, d_.k, outs.first};
          add_products(products(in, out, sums + tap * (transposed() ? d_.c * d_.k : d_.c)), Factors::pairs,
                       pieces, {0, chunk.images * out_stored.pixels}, n == 0 && p == 0);
        }
    }
}

int64_t PairedGradient::rows_that_leave(int64_t rest, const Chunk& chunk) const {
  return rest < d_.r ? chunk.rows + (d_.r - 1 - rest) / d_.stride : 0;
}
int64_t PairedGradient::in_rows(const Chunk& chunk) const {
  int64_t rows = 0;
  for (int64_t rest = 0; rest < d_.stride; ++rest) rows += rows_that_leave(rest, chunk);
  return rows;
}
int64_t PairedGradient::row_of(const Chunk& chunk, int64_t r) const {
  int64_t row = r / d_.stride;
  for (int64_t rest = 0; rest < r % d_.stride; ++rest) row += rows_that_leave(rest, chunk);
  return row;
}

// Vectors lie a line more than a chunk apart: a power of two of bytes would bring all of them to the same few
// places of the caches.
Stored PairedGradient::in_at(const Chunk& chunk) const {
  const int64_t image = d_.s * in_rows(chunk) * pairs_ * kVector;
  return {1, chunk.rows * pairs_, image, 0, kVector, chunk.images * image + kVector};
}
Stored PairedGradient::out_at(const Chunk& chunk) const {
  const int64_t image = chunk.rows * pairs_ * kVector;
  return {1, chunk.rows * pairs_, image, 0, kVector, chunk.images * image + kVector};
}

void PairedGradient::pack_row_of_x(const Bf16* x, const Chunk& chunk, int64_t n, int64_t p, int64_t i,
                                   Range vectors, float* to) const {
  const int64_t of_image = d_.s * in_rows(chunk), s = i % of_image / in_rows(chunk);
  int64_t row = i % in_rows(chunk), rest = 0;
  for (; row >= rows_that_leave(rest, chunk); ++rest) row -= rows_that_leave(rest, chunk);
  const int64_t h = (p + row) * d_.stride + rest - d_.pad;
  const Bf16* from = h < 0 || h >= d_.h ? nullptr : x + ((n + i / of_image) * d_.h + h) * d_.w * d_.c;
  pack_row(from, s - d_.pad, d_.stride, d_.w, d_.c, vectors, in_at(chunk).vector, to);
}

// Pixels first, first + stride, ... of a row (null: of padding), one for each of y's; zeros where there is
// none.
RC_AVX512 void PairedGradient::pack_row(const Bf16* row, int64_t first, int64_t stride, int64_t width,
                                        int64_t channels, Range vectors, int64_t vector, float* to) const {
  const auto pixel = [&](int64_t q) {
    const int64_t w = first + q * stride;
    return row && q < d_.q() && w >= 0 && w < width ? row + w * channels : nullptr;
  };
  for (int64_t pair = 0; pair < pairs_; ++pair, to += kVector) {
    const Bf16 *even = pixel(2 * pair), *odd = pixel(2 * pair + 1);
    float* line = to;
    for (int64_t v = vectors.first; v < vectors.end; ++v, line += vector) {
      const int64_t c = v * kVector;
      if (even && v % 2 == 0) {  // 32 values are a line of memory
        __builtin_prefetch(even + c + kAhead);
        __builtin_prefetch(even + c + kAhead + stride * channels);
      }
      const __mmask16 some = __mmask16(channels - c < kVector ? (1 << (channels - c)) - 1 : 0xffff);
      const __m256i low = even ? _mm256_maskz_loadu_epi16(some, even + c) : _mm256_setzero_si256(),
                    high = odd ? _mm256_maskz_loadu_epi16(some, odd + c) : _mm256_setzero_si256();
      const __m512i upper = _mm512_maskz_slli_epi32(0xffff, _mm512_maskz_cvtepu16_epi32(0xffff, high), 16);
      _mm512_store_si512(line, _mm512_or_si512(_mm512_maskz_cvtepu16_epi32(0xffff, low), upper));
    }
  }
}

}  // namespace rc
