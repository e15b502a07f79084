#include "train/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "train/table.h"

namespace rc {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};

std::string scientific(double x) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, x, std::chars_format::scientific, 1);
  return error == std::errc() ? std::string(text, end) : "–";
}

double share_of(const StepReport& r) {
  return r.steps > 0 ? std::clamp(double(r.step) / double(r.steps), 0.0, 1.0) : 0;
}

std::string count_text(int64_t done, int64_t all) { return std::to_string(done) + "/" + std::to_string(all); }

std::string percent(double share) { return std::to_string(int(share * 100)) + "%"; }

int terminal_columns() {
  const char* text = std::getenv("COLUMNS");
  if (const int asked = text != nullptr ? std::atoi(text) : 0; asked > 0) return asked;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string clock_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "–";
  const auto whole = int64_t(std::min(seconds, 3.6e9) + 0.5);
  const auto two = [](int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const int64_t hours = whole / 3600, minutes = whole / 60 % 60;
  return (hours > 0 ? std::to_string(hours) + ":" + two(minutes) : std::to_string(minutes)) + ":" +
         two(whole % 60);
}

std::string progress_line(const StepReport& r) {
  std::string parts;
  for (const auto& [name, value] : r.parts)
    parts += (parts.empty() ? "" : " ") + name + " " + fixed(value, 4);
  return "epoch " + count_text(r.epoch, r.epochs) + " step " + count_text(r.step, r.steps) + " (" +
         percent(share_of(r)) + ") | loss " + fixed(r.loss, 4) + (parts.empty() ? "" : " (" + parts + ")") +
         " | lr " + scientific(r.lr) + " | " + fixed(r.images_per_second, 0) + " img/s | " +
         fixed(r.step_ms, 1) + " ms | data " + fixed(r.data_wait_ms, 1) + " ms | mem " +
         fixed(r.memory_gib, 1) + "/" + fixed(r.memory_total_gib, 1) + " GiB | eta " +
         clock_text(r.eta_seconds);
}

std::string progress_bar(const StepReport& r, int columns, bool colour) {
  const std::string left = "epoch " + count_text(r.epoch, r.epochs) + " ";
  std::string right = " " + percent(share_of(r)) + " eta " + clock_text(r.eta_seconds);
  constexpr int kNarrowest = 10, kWidest = 30;
  // Facts are added while they and the narrowest bar fit.
  for (const std::string& fact : {" loss " + fixed(r.loss, 4), " " + fixed(r.images_per_second, 0) + " img/s",
                                  " step " + count_text(r.step, r.steps), " lr " + scientific(r.lr),
                                  " data " + fixed(r.data_wait_ms, 1) + " ms"})
    if (int(left.size() + right.size() + fact.size()) + kNarrowest <= columns) right += fact;

  const int room = columns - int(left.size() + right.size());
  if (room < 1) return (left + right).substr(0, size_t(std::max(columns, 0)));
  const int width = std::min(room, kWidest), full = int(share_of(r) * width);
  std::string done, rest;
  for (int i = 0; i < width; ++i) (i < full ? done : rest) += "━";
  if (!colour)
    for (size_t at; (at = rest.find("━")) != std::string::npos;) rest.replace(at, 3, "─");
  return colour ? left + "\x1b[32m" + done + "\x1b[90m" + rest + "\x1b[0m" + right
                : left + done + rest + right;
}

Progress::Progress(std::FILE* out, Style style, int columns, bool colour)
    : out_(out), style_(style), columns_(columns), colour_(colour), next_(std::chrono::steady_clock::now()) {}

Progress Progress::on_stderr(const std::string& style) {
  const bool terminal = ::isatty(STDERR_FILENO) == 1, colour = terminal && std::getenv("NO_COLOR") == nullptr;
  const bool bar = style == "bar" || (style == "auto" && terminal);
  return Progress(stderr,
                  bar               ? Style::bar
                  : style == "none" ? Style::none
                                    : Style::plain,
                  terminal_columns(), colour);
}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (drawn_) std::fputs("\r\x1b[K", out_);
  if (drawn_) std::fflush(out_);
  drawn_ = false;
}

void Progress::step(const StepReport& report, bool line) {
  if (style_ == Style::plain && line) note(progress_line(report));
  if (style_ != Style::bar) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_ && report.step < report.steps) return;
  next_ = now + kRedraw;
  // One column stays free: a terminal wraps when its last one is written.
  std::fprintf(out_, "\r%s\x1b[K", progress_bar(report, columns_ - 1, colour_).c_str());
  std::fflush(out_);
  drawn_ = true;
}

void Progress::note(std::string_view line) {
  clear();
  std::fprintf(out_, "%.*s\n", int(line.size()), line.data());
  std::fflush(out_);
}

}  // namespace rc
