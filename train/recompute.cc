#include "train/recompute.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

#include "train/table.h"

namespace rc {
namespace {

constexpr int kAllBlocks = std::numeric_limits<int>::max();

template <class Number>
const char* read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && number >= Number() ? end : nullptr;
}

std::optional<size_t> bytes_of(std::string_view text) {
  double number = 0;
  const char* end = read_number(text, number);
  if (end == nullptr) return std::nullopt;
  std::string_view unit(end, size_t(text.data() + text.size() - end));
  int power = 0;
  if (!unit.empty()) {
    power = int(std::string_view("KMG").find(unit[0])) + 1;
    if (power == 0 || (unit.size() > 1 && unit.substr(1) != "iB" && unit.substr(1) != "B"))
      return std::nullopt;
  }
  const double bytes = number * double(size_t(1) << (10 * power));
  if (!(bytes < 0x1p63)) return std::nullopt;
  return size_t(bytes);
}

TracedStep traced(Device& device, Config config, int blocks) {
  config.recompute = std::to_string(blocks);
  return trace_step(device, config, StepKind::training);
}

std::string mebibytes(size_t bytes) { return fixed(double(bytes) / double(1 << 20), 0); }

}  // namespace

std::optional<Recompute> recompute_of(const std::string& text) {
  constexpr std::string_view kAuto = "auto:";
  if (text == "none") return Recompute{};
  if (text == "blocks") return Recompute{kAllBlocks, {}};
  if (text.starts_with(kAuto)) {
    const std::optional<size_t> bytes = bytes_of(std::string_view(text).substr(kAuto.size()));
    return bytes ? std::optional(Recompute{0, bytes}) : std::nullopt;
  }
  Recompute number;
  const char* end = read_number(text, number.blocks);
  return end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

Config with_recompute_chosen(Device& device, Config config) {
  const std::optional<size_t> at_most = recompute_of(config.recompute)->at_most;
  if (!at_most) return config;
  // A block's result is kept when its inside is not, so that one more block may take more than it gives.
  const int all = traced(device, config, 0).program->graph().blocks();
  size_t least = std::numeric_limits<size_t>::max();
  for (int blocks = 0; blocks <= all; ++blocks) {
    config.recompute = std::to_string(blocks);
    const size_t bytes = traced(device, config, blocks).bytes();
    if (bytes <= *at_most) return config;
    least = std::min(least, bytes);
  }
  throw Error(Exit::memory,
              "with up to " + std::to_string(all) + " blocks computed again the step still takes " +
                  mebibytes(least) + " MiB, not " + mebibytes(*at_most),
              "recompute", "a smaller batch or smaller images need less");
}

std::string recompute_text(const Program& program, const Config& config) {
  const Graph& graph = program.graph();
  const int blocks = std::min(recompute_of(config.recompute)->blocks, graph.blocks());
  if (blocks == 0) return {};
  const TracedStep plain = traced(graph.device(), config, 0);
  const double more = program.flops() / plain.program->flops() - 1;
  return std::to_string(blocks) + " of " + std::to_string(graph.blocks()) + " blocks: the arena takes " +
         mebibytes(program.arena_bytes()) + " MiB instead of " + mebibytes(plain.program->arena_bytes()) +
         ", " + fixed(100 * more, 0) + " % more FLOPs";
}

}  // namespace rc
