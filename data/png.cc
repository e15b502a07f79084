// PNG through libspng.
#include <spng.h>

#include <cstdlib>
#include <memory>

#include "data/codec.h"
#include "data/exif.h"
#include "engine/error.h"

namespace rc {
namespace {

struct Free {
  void operator()(spng_ctx* codec) const { spng_ctx_free(codec); }
};
using Codec = std::unique_ptr<spng_ctx, Free>;

Codec open(int flags) {
  Codec codec(spng_ctx_new(flags));
  if (!codec) throw Error(Exit::memory, "cannot start the PNG codec");
  return codec;
}

}  // namespace

Image decode_png(const Encoded& file) {
  const Codec codec = open(0);
  const auto require = [&](int status) {
    if (status != 0) file.refuse(spng_strerror(status), kDamagedHint);
  };
  constexpr size_t kChunkLimit = size_t(64) << 20;  // of memory for chunks that are no pixels
  require(spng_set_chunk_limits(codec.get(), kChunkLimit, kChunkLimit));
  require(spng_set_png_buffer(codec.get(), file.bytes.data(), file.bytes.size()));
  spng_ihdr header{};
  require(spng_get_ihdr(codec.get(), &header));
  file.check_size(header.height, header.width);

  // RGBA8 is the one target that libspng reaches from every colour type; 16-bit samples keep their high byte.
  size_t size = 0;
  require(spng_decoded_image_size(codec.get(), SPNG_FMT_RGBA8, &size));
  std::vector<uint8_t> rgba(size);
  require(spng_decode_image(codec.get(), rgba.data(), rgba.size(), SPNG_FMT_RGBA8, SPNG_DECODE_TRNS));
  require(spng_decode_chunks(codec.get()));  // on to the end mark: a truncated tail is refused

  Image image(int(header.height), int(header.width));
  for (size_t i = 0; i < rgba.size() / 4; ++i)
    for (size_t c = 0; c < 3; ++c) image.rgb[3 * i + c] = over_black(rgba[4 * i + c], rgba[4 * i + 3]);

  spng_exif exif{};
  if (spng_get_exif(codec.get(), &exif) != 0) return image;
  return upright(std::move(image), tiff_orientation({exif.data, exif.length}));
}

std::string encode_png(const Image& image) {
  check(image.height > 0 && image.width > 0, "encode_png of an empty image");
  const Codec codec = open(SPNG_CTX_ENCODER);
  const auto require = [](int status) {
    if (status != 0) throw Error(Exit::data, "cannot encode a PNG", spng_strerror(status));
  };
  require(spng_set_option(codec.get(), SPNG_ENCODE_TO_BUFFER, 1));
  spng_ihdr header{};
  header.width = uint32_t(image.width), header.height = uint32_t(image.height);
  header.bit_depth = 8, header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  require(spng_set_ihdr(codec.get(), &header));
  require(
      spng_encode_image(codec.get(), image.rgb.data(), image.rgb.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE));
  size_t size = 0;
  int status = 0;
  const std::unique_ptr<void, void (*)(void*)> bytes(spng_get_png_buffer(codec.get(), &size, &status),
                                                     std::free);
  require(status);
  return std::string(static_cast<const char*>(bytes.get()), size);
}

}  // namespace rc
