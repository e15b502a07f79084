// JPEG through libjpeg-turbo's TurboJPEG interface.
#include <turbojpeg.h>

#include <algorithm>
#include <memory>

#include "data/codec.h"
#include "data/exif.h"
#include "engine/error.h"

namespace rc {
namespace {

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Handle = std::unique_ptr<void, Destroy>;

Handle open(tjhandle handle) {
  if (!handle) throw Error(Exit::memory, "cannot start the JPEG codec", tjGetErrorStr2(nullptr));
  return Handle(handle);
}

// Photoshop's convention, which every reader follows: all four inks are stored inverted.
Image from_inverted_cmyk(const std::vector<uint8_t>& cmyk, int height, int width) {
  Image image(height, width);
  for (size_t i = 0; i < cmyk.size() / 4; ++i)
    for (size_t c = 0; c < 3; ++c) image.rgb[3 * i + c] = over_black(cmyk[4 * i + c], cmyk[4 * i + 3]);
  return image;
}

// 8, 4, 2 or 1: the largest that leaves both sides, which libjpeg rounds up, at least `smallest` long.
int denominator(int height, int width, int smallest) {
  if (smallest == 0) return 1;
  for (const int part : {8, 4, 2})
    if ((std::min(height, width) + part - 1) / part >= smallest) return part;
  return 1;
}

}  // namespace

Image decode_jpeg(const Encoded& file) {
  const Handle codec = open(tjInitDecompress());
  const auto* bytes = reinterpret_cast<const unsigned char*>(file.bytes.data());
  const auto size = static_cast<unsigned long>(file.bytes.size());
  const auto refuse = [&] { file.refuse(tjGetErrorStr2(codec.get()), kDamagedHint); };

  int width = 0, height = 0, subsampling = 0, space = 0;
  if (tjDecompressHeader3(codec.get(), bytes, size, &width, &height, &subsampling, &space) != 0) refuse();
  file.check_size(uint64_t(height), uint64_t(width));
  if (const int part = denominator(height, width, file.smallest); part > 1)
    height = (height + part - 1) / part, width = (width + part - 1) / part;

  // A warning of libjpeg is missing or damaged data; LIMITSCANS bounds the time that a hostile progressive
  // file may take.
  const int flags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
  const bool inks = space == TJCS_CMYK || space == TJCS_YCCK;
  Image image;
  if (inks) {
    std::vector<uint8_t> cmyk(size_t(height) * size_t(width) * 4);
    if (tjDecompress2(codec.get(), bytes, size, cmyk.data(), width, 0, height, TJPF_CMYK, flags) != 0)
      refuse();
    image = from_inverted_cmyk(cmyk, height, width);
  } else {
    image = Image(height, width);
    if (tjDecompress2(codec.get(), bytes, size, image.rgb.data(), width, 0, height, TJPF_RGB, flags) != 0)
      refuse();
  }
  return upright(std::move(image), jpeg_orientation(file.bytes));
}

std::string encode_jpeg(const Image& image, int quality) {
  check(image.height > 0 && image.width > 0, "encode_jpeg of an empty image");
  check(quality >= 1 && quality <= 100, "JPEG quality outside 1..100", std::to_string(quality));
  const Handle codec = open(tjInitCompress());
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const int status = tjCompress2(codec.get(), image.rgb.data(), image.width, 0, image.height, TJPF_RGB,
                                 &bytes, &size, TJSAMP_420, quality, TJFLAG_ACCURATEDCT);
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(bytes, tjFree);
  if (status != 0) throw Error(Exit::data, "cannot encode a JPEG", tjGetErrorStr2(codec.get()));
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

}  // namespace rc
