// Depthwise convolutions of EfficientNet-B4 and Xception, ours and the vendor's in turn in one process: time,
// bytes and arithmetic. Both take activations as the device stores them and the filter as the model does.
#include "tools/bench_depthwise.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/device.h"
#include "engine/error.h"
#include "engine/file.h"
#include "engine/rng.h"
#include "kernels/depthwise_weight.h"
#include "tools/bench_side.h"
#include "tools/memory_ceiling.h"
#include "train/row.h"
#include "train/table.h"

namespace rc {
namespace {

constexpr double kRunSeconds = 0.05;  // what one run should take; its number of calls follows from that

struct Layer {
  const char* network;
  int64_t pixels, channels, size, stride;  // pixels: a side of x, for images of 256 x 256
};
constexpr Layer kLayers[] = {
    {"EfficientNet-B4", 128, 48, 3, 1}, {"EfficientNet-B4", 128, 144, 3, 2},
    {"EfficientNet-B4", 64, 192, 3, 1}, {"EfficientNet-B4", 64, 192, 5, 2},
    {"EfficientNet-B4", 32, 336, 5, 1}, {"EfficientNet-B4", 32, 336, 3, 2},
    {"EfficientNet-B4", 16, 672, 3, 1}, {"EfficientNet-B4", 16, 960, 5, 1},
    {"EfficientNet-B4", 16, 960, 5, 2}, {"EfficientNet-B4", 8, 1632, 5, 1},
    {"Xception", 125, 128, 3, 1},       {"Xception", 63, 256, 3, 1},
    {"Xception", 32, 728, 3, 1},        {"Xception", 16, 728, 3, 1},
};

struct Options {
  std::string precision = "fp32";
  int batch = 16, threads = 0, repeats = 7;
  std::filesystem::path csv;
};

// Memory of a device with random numbers in it, or zeros.
class Numbers {
 public:
  Numbers(Device& device, DType dtype, int64_t n, uint32_t stream)
      : device_(device), dtype_(dtype), n_(n), memory_(device.reserve(size_t(n) * size_of(dtype))) {
    if (stream == 0) return;
    Rng rng(1, Purpose::test, stream);
    std::vector<float> values(static_cast<size_t>(n));
    for (float& v : values) v = float(rng.below(17)) / 8 - 1;  // exact in bf16 as well
    const std::vector<Bf16> halves(values.begin(), values.end());
    device.upload(data(), dtype == DType::f32 ? (const void*)values.data() : halves.data(), memory_.bytes());
  }
  void* data() const { return memory_.data(); }
  template <class T>
  T* as() const {
    return static_cast<T*>(data());
  }
  std::vector<float> values() const {
    std::vector<float> out(static_cast<size_t>(n_));
    if (dtype_ == DType::f32) {
      device_.download(out.data(), data(), memory_.bytes());
    } else {
      std::vector<Bf16> halves(out.size());
      device_.download(halves.data(), data(), memory_.bytes());
      out.assign(halves.begin(), halves.end());
    }
    return out;
  }

 private:
  Device& device_;
  DType dtype_;
  int64_t n_;
  Memory memory_;
};

// One direction of one layer, ready to run either way.
class Contest {
 public:
  Contest(Device& device, const ConvDesc& desc, Direction direction, const Depthwise& conv)
      : device_(device),
        direction_(direction),
        conv_(conv),
        x_(device, desc.dtype, conv.in().size(), direction == Direction::data_gradient ? 0 : 1),
        y_(device, desc.dtype, conv.out().size(), direction == Direction::forward ? 0 : 2),
        w_(device, DType::f32, conv.filter_size(), direction == Direction::weight_gradient ? 0 : 3),
        w_bf16_(device, DType::bf16, conv.filter_size(), 3),
        dtype_(desc.dtype),
        workspace_(device, DType::f32,
                   direction == Direction::weight_gradient ? bands_out(conv).count() * conv.filter_size()
                                                           : conv.filter_size(),
                   0) {
    try {
      plan_ = device.plan(desc, direction, {});
      plan_workspace_ = device.reserve(plan_->workspace() + 64);
    } catch (const Error&) {  // the vendor has none
    }
  }
  std::string vendor() const { return plan_ ? plan_->engine() : ""; }
  bool has_vendor() const { return plan_ != nullptr; }
  double bytes() const {
    const double activations = double(conv_.in().size() + conv_.out().size()) * double(size_of(dtype_));
    return activations + double(conv_.filter_size()) * sizeof(float);
  }

  void run_ours() { dtype_ == DType::bf16 ? run_as<Bf16>() : run_as<float>(); }
  void run_vendor() {
    const void* w = dtype_ == DType::bf16 ? w_bf16_.data() : w_.data();
    switch (direction_) {
      case Direction::forward:
        return plan_->run(x_.data(), w, y_.data(), plan_workspace_.data());
      case Direction::data_gradient:
        return plan_->run(y_.data(), w, x_.data(), plan_workspace_.data());
      case Direction::weight_gradient:
        return plan_->run(x_.data(), y_.data(), w_.data(), plan_workspace_.data());
    }
  }
  std::vector<float> result() const {
    return (direction_ == Direction::forward         ? y_
            : direction_ == Direction::data_gradient ? x_
                                                     : w_)
        .values();
  }

 private:
  template <class T>
  void run_as() {
    const Where where = device_.where();
    float *w = w_.as<float>(), *work = workspace_.as<float>();
    T *x = x_.as<T>(), *y = y_.as<T>();
    const int64_t channels = conv_.channels, size = conv_.size;
    if (direction_ == Direction::weight_gradient) {
      launch(where, DepthwiseWeightPartial<T>{x, y, work, conv_});
      launch(where, DepthwiseWeightReduce{work, w, bands_out(conv_).count(), channels, size});
      return;
    }
    launch(where, FilterByTaps{w, work, channels, size});
    if (direction_ == Direction::forward)
      launch(where, DepthwiseForward<T>{x, work, y, conv_});
    else
      launch(where, DepthwiseDataGradient<T>{y, work, x, conv_});
  }

  Device& device_;
  Direction direction_;
  Depthwise conv_;
  Numbers x_, y_, w_, w_bf16_;
  DType dtype_;
  Numbers workspace_;
  std::unique_ptr<Plan> plan_;
  Memory plan_workspace_;
};

double seconds(const std::function<void()>& call, int64_t times) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  for (int64_t i = 0; i < times; ++i) call();
  return std::chrono::duration<double>(Clock::now() - start).count() / double(times);
}

// The numbers of both sides beside each other: sums of the same products in another order.
void compare(Contest& contest, DType dtype, const std::string& what) {
  contest.run_ours();
  const std::vector<float> ours = contest.result();
  contest.run_vendor();
  const std::vector<float> theirs = contest.result();
  double largest = 0, off = 0;
  for (size_t i = 0; i < ours.size(); ++i) {
    largest = std::max(largest, std::abs(double(theirs[i])));
    off = std::max(off, std::abs(double(ours[i]) - double(theirs[i])));
  }
  if (!(off <= (dtype == DType::bf16 ? 0x1p-7 : 1e-5) * largest))
    std::fprintf(stderr, "%s: ours and the vendor's differ by %.3g, the largest is %.3g\n", what.c_str(), off,
                 largest);
}

Row measure(Device& device, const Options& o, const Layer& layer, Direction direction) {
  const DType dtype = o.precision == "bf16" ? DType::bf16 : DType::f32;
  const int64_t stored = device.activation_block(dtype, layer.channels);
  const Depthwise conv{
      o.batch,    layer.pixels, layer.pixels,  layer.channels, stored == 0 ? layer.channels : stored,
      layer.size, layer.stride, layer.size / 2};
  const ConvDesc desc{.dtype = dtype,
                      .n = conv.images,
                      .h = conv.height,
                      .w = conv.width,
                      .c = conv.channels,
                      .k = conv.channels,
                      .r = conv.size,
                      .s = conv.size,
                      .stride = conv.stride,
                      .pad = conv.pad,
                      .groups = conv.channels,
                      .in_block = conv.block,
                      .out_block = conv.block};
  Contest contest(device, desc, direction, conv);
  const std::function<void()> ours = [&] { contest.run_ours(); }, vendor = [&] { contest.run_vendor(); };
  if (contest.has_vendor()) compare(contest, dtype, desc.text());

  const auto times = [](const std::function<void()>& call) {
    call();
    return std::max(int64_t(1), int64_t(kRunSeconds / seconds(call, 1)));
  };
  const int64_t our_times = times(ours), vendor_times = contest.has_vendor() ? times(vendor) : 0;
  std::vector<double> time, vendor_time, ratio;
  for (int i = 0; i < o.repeats; ++i) {
    time.push_back(seconds(ours, our_times));
    if (!contest.has_vendor()) continue;
    vendor_time.push_back(seconds(vendor, vendor_times));
    ratio.push_back(vendor_time.back() / time.back());
  }
  return {{"network", layer.network},
          {"layer", std::to_string(layer.channels) + " x " + std::to_string(layer.pixels) + ", " +
                        std::to_string(layer.size) + "x" + std::to_string(layer.size) + " / " +
                        std::to_string(layer.stride)},
          {"direction", name_of(direction)},
          {"precision", o.precision},
          {"batch", int64_t(o.batch)},
          {"threads", int64_t(o.threads)},
          {"seconds", median(time)},
          {"vendor_seconds", median(vendor_time)},
          {"ratio", median(ratio)},
          {"bytes_per_second", contest.bytes() / median(time)},
          {"memory_ceiling_bytes_per_second", measure_memory_ceiling(size_t(contest.bytes()), o.threads)},
          {"flop_per_second", conv.flops() / median(time)},
          {"vendor_engine", contest.vendor()}};
}

std::string table_of(const std::vector<Row>& rows) {
  Table table(
      {"", "layer", "direction", "ms", "vendor ms", "ratio", "GB/s", "of ceiling", "GFLOP/s", "vendor"});
  for (const Row& row : rows) {
    const auto cell = [&](const std::string& name) {
      return std::ranges::find(row, name, &Row::value_type::first)->second;
    };
    const auto number = [&](const std::string& name) { return std::get<double>(cell(name)); };
    const auto text = [&](const std::string& name) { return std::get<std::string>(cell(name)); };
    table.add({text("network"), text("layer"), text("direction"), fixed(1e3 * number("seconds"), 3),
               fixed(1e3 * number("vendor_seconds"), 3), fixed(number("ratio"), 2),
               fixed(number("bytes_per_second") / 1e9, 1),
               fixed(100 * number("bytes_per_second") / number("memory_ceiling_bytes_per_second"), 0) + " %",
               fixed(number("flop_per_second") / 1e9, 1), text("vendor_engine")});
  }
  return table.text();
}

void bench_depthwise(Options o) {
  if (o.threads == 0) o.threads = int(std::max(1u, std::thread::hardware_concurrency()));
  const std::unique_ptr<Device> device = open_device("cpu", o.threads);
  std::vector<Row> rows;
  std::string csv;
  for (const Layer& layer : kLayers)
    for (const Direction direction :
         {Direction::forward, Direction::data_gradient, Direction::weight_gradient}) {
      rows.push_back(measure(*device, o, layer, direction));
      if (csv.empty()) csv = csv_header(rows.back());
      csv += csv_line(rows.back());
    }
  if (!o.csv.empty()) write_file(o.csv, csv);
  std::printf(
      "%s; batch %d, %s; medians of %d runs by the wall clock, in turn\n%s\n"
      "ratio: vendor's time / ours, the median over neighbouring runs. ceiling: a copy of as many bytes, "
      "read and "
      "written.\n",
      device->description().c_str(), o.batch, o.precision.c_str(), o.repeats, table_of(rows).c_str());
}

}  // namespace

void add_bench_depthwise(CLI::App& bench) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = bench.add_subcommand(
      "depthwise",
      "Measure our depthwise convolutions beside the vendor's, on layers of EfficientNet-B4 and Xception");
  command->add_option("--precision", options->precision, "Of activations")
      ->check(CLI::IsMember({"fp32", "bf16"}))
      ->capture_default_str();
  command->add_option("-b,--batch-size", options->batch, "Images")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "0: one a core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_option("--repeats", options->repeats, "Runs of each side")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--csv", options->csv, "Write the numbers here as well");
  command->callback([options] { bench_depthwise(*options); });
}

}  // namespace rc
