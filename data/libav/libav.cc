#include "data/libav/libav.h"

#include <cstdarg>
#include <cstdio>

#include "data/video.h"
#include "engine/error.h"
#include "engine/shared_library.h"

namespace rc {
namespace av {
namespace {

thread_local std::string last_complaint;

void keep_complaint(void*, int level, const char* format, va_list values) {
  if (level > AV_LOG_ERROR) return;
  char line[256];
  std::vsnprintf(line, sizeof line, format, values);
  last_complaint = line;
  last_complaint.erase(last_complaint.find_last_not_of(" \n.") + 1);
}

const char* const kHint = "install ffmpeg, or extract the frames of videos into images";

Libav open() {
  const auto library = [](const std::string& name, int major) {
    return SharedLibrary("lib" + name + ".so." + std::to_string(major), kHint, Exit::data);
  };
  const SharedLibrary avutil = library("avutil", LIBAVUTIL_VERSION_MAJOR),
                      avcodec = library("avcodec", LIBAVCODEC_VERSION_MAJOR),
                      avformat = library("avformat", LIBAVFORMAT_VERSION_MAJOR),
                      swscale = library("swscale", LIBSWSCALE_VERSION_MAJOR);
  Libav functions;
#define FUNCTION(library, name) library.find(functions.name, #name);
#include "data/libav/functions.inc"
#undef FUNCTION
  functions.av_log_set_callback(keep_complaint);
  functions.av_max_alloc(size_t(1) << 30);  // what a hostile file may ask for at once
  return functions;
}

}  // namespace

const Libav& lib() {
  static const Libav functions = open();
  return functions;
}

void forget_complaints() { last_complaint.clear(); }

std::string error_text(int code) {
  char words[AV_ERROR_MAX_STRING_SIZE] = "";
  av::lib().av_strerror(code, words, sizeof words);
  return words + (last_complaint.empty() ? "" : ": " + last_complaint);
}

Frame picture(AVPixelFormat format, int width, int height) {
  Frame frame(av::lib().av_frame_alloc());
  if (frame) frame->format = format, frame->width = width, frame->height = height;
  if (!frame || av::lib().av_frame_get_buffer(frame.get(), 64) < 0)
    throw Error(Exit::memory,
                "no memory for a frame of " + std::to_string(width) + "x" + std::to_string(height));
  return frame;
}

}  // namespace av

std::string why_no_video() {
  try {
    av::lib();
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

std::string video_libraries() {
  const auto text = [](const char* name, unsigned version) {
    return std::string(name) + " " + std::to_string(AV_VERSION_MAJOR(version)) + "." +
           std::to_string(AV_VERSION_MINOR(version)) + "." + std::to_string(AV_VERSION_MICRO(version));
  };
  return text("libavcodec", av::lib().avcodec_version()) + ", " +
         text("libavformat", av::lib().avformat_version()) + ", " +
         text("libswscale", av::lib().swscale_version());
}

}  // namespace rc
