// libav's objects as owners, and its errors in words. For data/libav/ alone.
#pragma once

#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

namespace rc::av {

// libav's functions, each a pointer of its own name.
struct Libav {
#define FUNCTION(library, name) decltype(&::name) name = nullptr;
#include "data/libav/functions.inc"
#undef FUNCTION
};

// Opens the libraries when it is first asked for: with them come a hundred others, and the program starts
// where they are missing. They print nothing from then on. Throws Error(data) where one cannot be opened.
const Libav& lib();

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    if constexpr (requires { (lib().*kFree)(&object); })
      (lib().*kFree)(&object);
    else
      (lib().*kFree)(object);
  }
};
template <class T, auto kFree>
using Owned = std::unique_ptr<T, Freed<kFree>>;

using Input = Owned<AVFormatContext, &Libav::avformat_close_input>;
using Codec = Owned<AVCodecContext, &Libav::avcodec_free_context>;
using Packet = Owned<AVPacket, &Libav::av_packet_free>;
using Frame = Owned<AVFrame, &Libav::av_frame_free>;
using Scaler = Owned<SwsContext, &Libav::sws_freeContext>;

// With the buffer that it reads through.
struct IoFreed {
  void operator()(AVIOContext* io) const {
    lib().av_free(io->buffer);
    lib().avio_context_free(&io);
  }
};
using Io = std::unique_ptr<AVIOContext, IoFreed>;

// With the file in memory that it writes, unless that was taken.
struct OutputFreed {
  void operator()(AVFormatContext* output) const {
    uint8_t* bytes = nullptr;
    if (output->pb) lib().avio_close_dyn_buf(output->pb, &bytes);
    lib().av_free(bytes);
    lib().avformat_free_context(output);
  }
};
using Output = std::unique_ptr<AVFormatContext, OutputFreed>;

// The code in words and, where there is one, the last complaint of this thread since forget_complaints().
std::string error_text(int code);
void forget_complaints();

// Slow and exact: the same pixels on every processor.
inline constexpr int kExactScaling = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT;

// An empty picture with rows and room behind them as libav's vector code wants it.
Frame picture(AVPixelFormat, int width, int height);

}  // namespace rc::av
