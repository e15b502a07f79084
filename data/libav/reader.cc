#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <tuple>

#include "data/exif.h"
#include "data/libav/libav.h"
#include "data/video.h"
#include "engine/error.h"

namespace rc {
namespace fs = std::filesystem;
namespace {

// Containers that hold their streams themselves: no other file and no address is ever opened for one.
constexpr const char* kContainers = "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg";
constexpr int64_t kMostFrames = int64_t(1) << 22;  // 38 hours at 30 a second

// A file in memory, as libav reads it.
struct Bytes {
  std::string bytes;
  size_t at = 0;

  static int read(void* self, uint8_t* to, int size) {
    Bytes& from = *static_cast<Bytes*>(self);
    const size_t n = std::min(size_t(size), from.bytes.size() - from.at);
    std::memcpy(to, from.bytes.data() + from.at, n);
    from.at += n;
    return n == 0 ? AVERROR_EOF : int(n);
  }
  static int64_t seek(void* self, int64_t offset, int whence) {
    Bytes& from = *static_cast<Bytes*>(self);
    if (whence == AVSEEK_SIZE) return int64_t(from.bytes.size());
    if (whence == SEEK_CUR) offset += int64_t(from.at);
    if (whence == SEEK_END) offset += int64_t(from.bytes.size());
    if (offset < 0 || offset > int64_t(from.bytes.size())) return AVERROR(EINVAL);
    return int64_t(from.at = size_t(offset));
  }
};

// EXIF's word for what a display matrix does to (x, y): x' = a x + c y, y' = b x + d y, y downwards. Turns
// that are no quarters count as the nearest.
int orientation_of(const int32_t* matrix) {
  const double a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (std::abs(a) + std::abs(d) >= std::abs(b) + std::abs(c))
    return a >= 0 ? (d >= 0 ? 1 : 4) : (d >= 0 ? 2 : 3);
  return b >= 0 ? (c >= 0 ? 5 : 6) : (c >= 0 ? 8 : 7);
}

int orientation_of(const AVStream& stream) {
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
  const AVPacketSideData* found = av::lib().av_packet_side_data_get(
      stream.codecpar->coded_side_data, stream.codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  const uint8_t* matrix = found && found->size >= 9 * sizeof(int32_t) ? found->data : nullptr;
#else
  size_t size = 0;
  const uint8_t* matrix = av::lib().av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (size < 9 * sizeof(int32_t)) matrix = nullptr;
#endif
  std::array<int32_t, 9> values;
  if (matrix) std::memcpy(values.data(), matrix, sizeof values);
  return matrix ? orientation_of(values.data()) : 1;
}

}  // namespace

struct VideoReader::State {
  std::string name;
  fs::path path;  // empty for a file in memory
  uint64_t pixel_limit;

  Bytes memory;
  av::Io io;  // libav's side of `memory`
  av::Input input;
  av::Codec codec;
  av::Packet packet{av::lib().av_packet_alloc()};
  av::Frame frame{av::lib().av_frame_alloc()};
  int stream = 0, orientation = 1;

  int64_t frames = 0, packets = 0;
  bool ended = false;
  std::string damage;

  av::Scaler scaler;  // for frames like the last one
  std::tuple<int, int, int, int, int> scales;
  av::Frame rgb;

  [[noreturn]] void refuse(const std::string& why, const std::string& hint = {}) const {
    throw Error(Exit::data, "cannot read video " + name, why, hint);
  }
  void require(int code, const std::string& hint = {}) const {
    if (code < 0) refuse(av::error_text(code), hint);
  }

  void open() {
    av::forget_complaints();
    frames = packets = 0, ended = false, damage.clear();
    codec.reset(), input.reset();
    open_input();
    for (unsigned i = 0; i < input->nb_streams; ++i)  // sound and subtitles are not even parsed
      if (input->streams[i]->codecpar->codec_type != AVMEDIA_TYPE_VIDEO)
        input->streams[i]->discard = AVDISCARD_ALL;
    find_streams();
    const AVCodec* decoder = nullptr;
    stream = av::lib().av_find_best_stream(input.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (stream == AVERROR_STREAM_NOT_FOUND) refuse("it has no video stream");
    if (stream == AVERROR_DECODER_NOT_FOUND) refuse("this libavcodec cannot decode its video stream");
    require(stream);
    const AVStream& from = *input->streams[stream];
    orientation = orientation_of(from);
    for (unsigned i = 0; i < input->nb_streams; ++i)
      if (int(i) != stream) input->streams[i]->discard = AVDISCARD_ALL;

    codec.reset(av::lib().avcodec_alloc_context3(decoder));
    if (!codec) require(AVERROR(ENOMEM));
    require(av::lib().avcodec_parameters_to_context(codec.get(), from.codecpar));
    codec->thread_count = 1;
    codec->flags |= AV_CODEC_FLAG_BITEXACT;
    codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;  // no guessing
    codec->max_pixels = int64_t(pixel_limit);
    if (uint64_t(std::max(codec->width, 0)) * uint64_t(std::max(codec->height, 0)) > pixel_limit)
      refuse("it is " + std::to_string(codec->width) + "x" + std::to_string(codec->height) + ", more than " +
             std::to_string(pixel_limit) + " pixels a frame");
    require(av::lib().avcodec_open2(codec.get(), decoder, nullptr));
  }

  void open_input() {
    AVFormatContext* context = av::lib().avformat_alloc_context();
    if (!context) require(AVERROR(ENOMEM));
    if (path.empty()) {
      memory.at = 0;
      constexpr int kBuffer = 1 << 15;
      if (!io) {
        auto* buffer = static_cast<uint8_t*>(av::lib().av_malloc(kBuffer));
        io.reset(
            av::lib().avio_alloc_context(buffer, kBuffer, 0, &memory, &Bytes::read, nullptr, &Bytes::seek));
      }
      av::lib().avio_seek(io.get(), 0, SEEK_SET);
      context->pb = io.get();
    }
    AVDictionary* options = nullptr;
    av::lib().av_dict_set(&options, "format_whitelist", kContainers, 0);
    av::lib().av_dict_set(&options, "protocol_whitelist", "file", 0);
    const std::string url = path.empty() ? "" : "file:" + path.string();
    const int opened =
        av::lib().avformat_open_input(&context, url.c_str(), nullptr, &options);  // frees it on failure
    av::lib().av_dict_free(&options);
    require(opened, "videos are read out of MP4, MOV, MKV, WebM, AVI, MPEG, FLV, ASF and Ogg");
    input.reset(context);
    input->flags |= AVFMT_FLAG_BITEXACT;
  }

  // libav decodes the first frames to learn what the streams are: within the same limit.
  void find_streams() {
    std::vector<AVDictionary*> options(input->nb_streams, nullptr);
    for (AVDictionary*& each : options)
      av::lib().av_dict_set_int(&each, "max_pixels", int64_t(pixel_limit), 0);
    const int code = av::lib().avformat_find_stream_info(input.get(), options.data());
    for (AVDictionary*& each : options) av::lib().av_dict_free(&each);
    require(code);
  }

  // What the decoder still holds is left: of pictures stored out of order, some between may be missing.
  void broke(const std::string& why) {
    damage = why + " (after " + std::to_string(frames) + " good frames)";
    ended = true;
  }

  void feed() {
    int code;
    do {
      av::lib().av_packet_unref(packet.get());
      code = av::lib().av_read_frame(input.get(), packet.get());
    } while (code >= 0 && packet->stream_index != stream);
    if (code == AVERROR_EOF) {
      // MP4 lists what it holds; a file cut short holds less.
      const int listed = av::lib().avformat_index_get_entries_count(input->streams[stream]);
      if (std::strstr(input->iformat->name, "mp4") && packets < listed)
        return broke("the file ends before frame " + std::to_string(packets) + " of " +
                     std::to_string(listed) + " that it lists");
      code = av::lib().avcodec_send_packet(codec.get(), nullptr);
    } else if (code >= 0) {
      if (packet->flags & AV_PKT_FLAG_CORRUPT) return broke("the file breaks off within a frame");
      ++packets;
      code = av::lib().avcodec_send_packet(codec.get(), packet.get());
    }
    if (code < 0) broke(av::error_text(code));
  }

  bool next() {
    while (!ended) {
      const int code = av::lib().avcodec_receive_frame(codec.get(), frame.get());
      if (code == AVERROR(EAGAIN))
        feed();
      else if (code == AVERROR_EOF)
        ended = true;
      else if (code < 0)
        broke(av::error_text(code));
      else if (frame->flags & AV_FRAME_FLAG_CORRUPT || frame->decode_error_flags != 0)
        broke("the frame is damaged");
      else if (frames == kMostFrames)
        broke("more frames are not read");
      else
        return ++frames;
    }
    return false;
  }

  Image image() {
    const auto format = AVPixelFormat(frame->format);
    const AVPixFmtDescriptor* layout = av::lib().av_pix_fmt_desc_get(format);
    const bool full = frame->color_range == AVCOL_RANGE_JPEG ||
                      (layout && std::string_view(layout->name).starts_with("yuvj"));
    const std::tuple now(frame->width, frame->height, frame->format, int(frame->colorspace), int(full));
    if (!scaler || now != scales) {
      scaler.reset(av::lib().sws_getContext(frame->width, frame->height, format, frame->width, frame->height,
                                            AV_PIX_FMT_RGB24, av::kExactScaling, nullptr, nullptr, nullptr));
      if (!scaler)
        refuse("its pixels cannot be turned into RGB: " + std::string(layout ? layout->name : "?"));
      const int* matrix = av::lib().sws_getCoefficients(frame->colorspace);
      av::lib().sws_setColorspaceDetails(scaler.get(), matrix, full, matrix, 1, 0, 1 << 16, 1 << 16);
      rgb = av::picture(AV_PIX_FMT_RGB24, frame->width, frame->height);
      scales = now;
    }
    av::lib().sws_scale(scaler.get(), frame->data, frame->linesize, 0, frame->height, rgb->data,
                        rgb->linesize);
    Image out(frame->height, frame->width);
    for (int y = 0; y < out.height; ++y)
      std::memcpy(out.at(y, 0), rgb->data[0] + ptrdiff_t(y) * rgb->linesize[0], size_t(out.width) * 3);
    return upright(std::move(out), orientation);
  }
};

VideoReader::VideoReader(const fs::path& path, uint64_t pixel_limit) : state_(std::make_unique<State>()) {
  state_->name = path.string(), state_->path = path, state_->pixel_limit = pixel_limit;
  if (!fs::is_regular_file(path)) state_->refuse(fs::exists(path) ? "not a regular file" : "no such file");
  state_->open();
}

VideoReader::VideoReader(std::string bytes, const std::string& name, uint64_t pixel_limit)
    : state_(std::make_unique<State>()) {
  state_->name = name, state_->memory.bytes = std::move(bytes), state_->pixel_limit = pixel_limit;
  state_->open();
}

VideoReader::~VideoReader() = default;

bool VideoReader::next() { return state_->next(); }
int64_t VideoReader::frames() const { return state_->frames; }
const std::string& VideoReader::damage() const { return state_->damage; }
Image VideoReader::image() const { return state_->image(); }

Image VideoReader::frame(int64_t k) {
  if (k < state_->frames - 1) state_->open();
  while (state_->frames <= k)
    if (!next())
      state_->refuse("there is no frame " + std::to_string(k) + ": it has " + std::to_string(frames()) +
                     (damage().empty() ? "" : " good ones; " + damage()));
  return image();
}

FrameCount count_frames(const fs::path& path) {
  VideoReader reader(path);
  while (reader.next()) {
  }
  return {reader.frames(), reader.damage()};
}

}  // namespace rc
