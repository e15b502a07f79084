#include <algorithm>
#include <array>
#include <cstring>

#include "data/libav/libav.h"
#include "data/reencode.h"
#include "data/video.h"
#include "engine/error.h"

namespace rc {
namespace {

constexpr AVRational kFrameTime{1, 25};
constexpr std::array<std::string_view, 10> kPresets = {"ultrafast", "superfast", "veryfast", "faster",
                                                       "fast",      "medium",    "slow",     "slower",
                                                       "veryslow",  "placebo"};

void require(int code) {
  if (code < 0) throw Error(Exit::data, "cannot encode a clip", av::error_text(code));
}

// An MP4 file of one H.264 stream, in memory.
class Mp4 {
 public:
  Mp4(int width, int height, int crf, const std::string& preset) {
    const AVCodec* x264 = av::lib().avcodec_find_encoder_by_name("libx264");
    if (!x264)
      throw Error(Exit::data, "this libavcodec has no encoder libx264", "re-encoding a clip",
                  "install a libavcodec that was built with it, as Debian's is");
    codec_.reset(av::lib().avcodec_alloc_context3(x264));
    require(codec_ ? 0 : AVERROR(ENOMEM));
    codec_->width = width, codec_->height = height;
    codec_->pix_fmt = AV_PIX_FMT_YUV420P;
    codec_->time_base = kFrameTime, codec_->framerate = av_inv_q(kFrameTime);
    codec_->thread_count = 1;
    codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    require(av::lib().av_opt_set_double(codec_->priv_data, "crf", crf, 0));
    require(av::lib().av_opt_set(codec_->priv_data, "x264-params", "cpu-independent=1", 0));
    require(av::lib().av_opt_set(codec_->priv_data, "preset", preset.c_str(), 0));
    require(av::lib().avcodec_open2(codec_.get(), x264, nullptr));

    AVFormatContext* output = nullptr;
    require(av::lib().avformat_alloc_output_context2(&output, nullptr, "mp4", nullptr));
    output_.reset(output);
    output_->flags |= AVFMT_FLAG_BITEXACT;
    require(av::lib().avio_open_dyn_buf(&output_->pb));
    AVStream* stream = av::lib().avformat_new_stream(output, nullptr);
    require(stream ? 0 : AVERROR(ENOMEM));
    require(av::lib().avcodec_parameters_from_context(stream->codecpar, codec_.get()));
    stream->time_base = kFrameTime;
    require(av::lib().avformat_write_header(output, nullptr));
  }
  Mp4(const Mp4&) = delete;

  // A null frame: no more come.
  void write(const AVFrame* frame) {
    require(av::lib().avcodec_send_frame(codec_.get(), frame));
    while (true) {
      const int code = av::lib().avcodec_receive_packet(codec_.get(), packet_.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
      require(code);
      packet_->stream_index = 0;
      packet_->duration = 1;
      av::lib().av_packet_rescale_ts(packet_.get(), kFrameTime, output_->streams[0]->time_base);
      require(av::lib().av_interleaved_write_frame(output_.get(), packet_.get()));
    }
  }

  std::string finish() {
    write(nullptr);
    require(av::lib().av_write_trailer(output_.get()));
    uint8_t* bytes = nullptr;
    const int size = av::lib().avio_close_dyn_buf(output_->pb, &bytes);
    output_->pb = nullptr;
    std::string file(reinterpret_cast<char*>(bytes), size_t(std::max(size, 0)));
    av::lib().av_free(bytes);
    return file;
  }

 private:
  av::Codec codec_;
  av::Output output_;
  av::Packet packet_{av::lib().av_packet_alloc()};
};

// The image with its last column and row once more where a side is odd.
void copy_even(const Image& image, AVFrame& to) {
  for (int y = 0; y < to.height; ++y) {
    uint8_t* row = to.data[0] + ptrdiff_t(y) * to.linesize[0];
    std::memcpy(row, image.at(std::min(y, image.height - 1), 0), size_t(image.width) * 3);
    if (to.width > image.width) std::memcpy(row + image.width * 3, row + image.width * 3 - 3, 3);
  }
}

void check_clip(std::span<const Image> clip, int crf, const std::string& preset) {
  if (crf < 0 || crf > 51)
    throw Error(Exit::usage, "crf must be 0 to 51, not " + std::to_string(crf), "re-encoding a clip");
  if (std::ranges::find(kPresets, preset) == kPresets.end())
    throw Error(Exit::usage, "libx264 has no preset \"" + preset + "\"", "re-encoding a clip",
                "ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow or placebo");
  for (const Image& image : clip)
    if (image.height < 1 || image.width < 1 || image.height != clip[0].height || image.width != clip[0].width)
      throw Error(Exit::usage, "the images of a clip must be of one size", "re-encoding a clip");
}

Image top_left(const Image& image, int height, int width) {
  Image out(height, width);
  for (int y = 0; y < height; ++y) std::memcpy(out.at(y, 0), image.at(y, 0), size_t(width) * 3);
  return out;
}

}  // namespace

std::string encode_mp4(std::span<const Image> clip, int crf, const std::string& preset) {
  av::forget_complaints();
  check_clip(clip, crf, preset);
  const int height = clip.empty() ? 2 : (clip[0].height + 1) / 2 * 2,
            width = clip.empty() ? 2 : (clip[0].width + 1) / 2 * 2;
  Mp4 file(width, height, crf, preset);
  const av::Scaler scaler(av::lib().sws_getContext(width, height, AV_PIX_FMT_RGB24, width, height,
                                                   AV_PIX_FMT_YUV420P, av::kExactScaling, nullptr, nullptr,
                                                   nullptr));
  require(scaler ? 0 : AVERROR(ENOMEM));
  const av::Frame rgb = av::picture(AV_PIX_FMT_RGB24, width, height);
  for (size_t i = 0; i < clip.size(); ++i) {
    copy_even(clip[i], *rgb);
    const av::Frame yuv = av::picture(AV_PIX_FMT_YUV420P, width, height);
    av::lib().sws_scale(scaler.get(), rgb->data, rgb->linesize, 0, height, yuv->data, yuv->linesize);
    yuv->pts = int64_t(i);
    file.write(yuv.get());
  }
  return file.finish();
}

std::vector<Image> reencode(std::span<const Image> clip, int crf, const std::string& preset) {
  if (clip.empty()) return {};
  VideoReader reader(encode_mp4(clip, crf, preset), "a re-encoded clip");
  std::vector<Image> out;
  while (reader.next()) out.push_back(top_left(reader.image(), clip[0].height, clip[0].width));
  check(out.size() == clip.size() && reader.damage().empty(), "a clip comes back as it went",
        reader.damage());
  return out;
}

}  // namespace rc
