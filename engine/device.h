// The device API: memory, an in-order queue of work, recordings of it, and plans for the two vendor
// primitives (convolution, GEMM). Everything else runs as our own kernels: launch(device.where(), kernel).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/activation.h"
#include "engine/chunks.h"
#include "engine/launch.h"
#include "engine/shape.h"

namespace rc {

// The only knobs of a device; recorded with every run.
struct Policy {
  bool deterministic = true;
  DType precision = DType::f32;  // of activations and of the operands of convolutions and GEMMs: f32 or bf16
  bool tf32 = false;             // a GPU may round the operands of fp32 convolutions and GEMMs to TF32
  size_t workspace_limit = size_t(1) << 30;
};

enum class Direction : uint8_t { forward, data_gradient, weight_gradient };
const char* name_of(Direction);

// y[N,P,Q,K] = x[N,H,W,C] * w[K,R,S,C/groups]; cross-correlation, zero padding, the same stride and padding
// in both directions. x and y are stored by in_block and out_block (kernels/channels.h), w plainly in the
// order KRSC.
struct ConvDesc {
  DType dtype = DType::f32;  // of x, w and y; the weight gradient is f32 but for Plan::narrow_gradient
  int64_t n = 0, h = 0, w = 0, c = 0, k = 0, r = 0, s = 0;
  int64_t stride = 1, pad = 0, groups = 1;
  int64_t in_block = 0, out_block = 0;

  int64_t p() const { return (h + 2 * pad - r) / stride + 1; }
  int64_t q() const { return (w + 2 * pad - s) / stride + 1; }
  double flops() const { return 2.0 * double(n * p() * q() * k) * double(r * s * c / groups); }
  std::string text() const;
};

// out[M,N] = op(a)[M,K] op(b)[K,N] (+ out), row-major, op(a) is a or its transpose.
struct GemmDesc {
  DType dtype = DType::f32;  // of a and b; out is f32
  int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false, accumulate = false;

  double flops() const { return 2.0 * double(m) * double(n) * double(k); }
  std::string text() const;
};

// A convolution or GEMM that was chosen before the run. Plans are printable values: nothing is chosen inside
// the step.
class Plan {
 public:
  virtual ~Plan() = default;
  virtual std::string engine() const = 0;           // what was chosen: the vendor's name of it, or ours
  virtual std::string notes() const { return {}; }  // how it computes, for people: "tensor cores"
  virtual size_t workspace() const = 0;             // bytes, aligned to 64
  // Whether a GPU's tensor cores do the products; true where that is not known.
  virtual bool tensor_cores() const { return true; }
  // A weight gradient is written in the operands' type, so rounded once more; who runs it widens it to f32.
  virtual bool narrow_gradient() const { return false; }
  // forward: a = x, b = w, out = y; data gradient: a = dy, b = w, out = dx; weight gradient: a = x, b = dy,
  // out = dw; GEMM: a, b, out.
  virtual void run(const void* a, const void* b, void* out, void* workspace) = 0;

  // The chunks of y's pixels of which a forward plan can also give the means and the sums of squared
  // deviations, before they are rounded; none where it cannot.
  virtual Chunks chunks() const { return {.images = 0, .pixels = 0, .each = 1}; }
  // moments: [2, chunks().count(), K]. Error(internal) where there are none.
  virtual void run_with_moments(const void* x, const void* w, void* y, float* moments, void* workspace);
};

// What follows the sums of a convolution: y = activation(x * w + bias + residual).
struct Epilogue {
  bool residual = false;
  Activation activation = Activation::none;
};

// A convolution of an inference with its epilogue, as one vendor primitive. Its filter is a constant, so it
// is brought into the primitive's own order once.
class FusedConvolution {
 public:
  virtual ~FusedConvolution() = default;
  virtual std::string engine() const = 0;
  virtual size_t workspace() const = 0;     // bytes, aligned to 64, of either call
  virtual size_t packed_bytes() const = 0;  // of the filter in its own order
  virtual void pack(const void* w, void* packed, void* workspace) = 0;  // w as ConvDesc says
  // bias is fp32 [K]; the residual, null where there is none, lies as y and may be y.
  virtual void run(const void* x, const void* packed, const float* bias, const void* residual, void* y,
                   void* workspace) = 0;
};

// Memory of a device, freed with its owner.
class Memory {
 public:
  Memory() = default;
  Memory(void* data, size_t bytes, std::function<void(void*, size_t)> release)
      : data_(data, [bytes, release = std::move(release)](void* p) { release(p, bytes); }), bytes_(bytes) {}
  char* data() const { return static_cast<char*>(data_.get()); }
  size_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<void> data_;
  size_t bytes_ = 0;
};

// A copy between host memory and a device's.
struct Transfer {
  void* to;
  const void* from;
  size_t bytes;
};

// Values that are on their way from the device to the host: one after the other, each aligned.
constexpr size_t kArrivalAlignment = 16;
class Arrival {
 public:
  virtual ~Arrival() = default;
  virtual const char* wait() = 0;  // until they are there
};

// Work that is queued as a whole: a CUDA graph; on the CPU, the work itself.
class Recording {
 public:
  virtual ~Recording() = default;
  virtual void replay() = 0;
  virtual void update() = 0;  // records the work again: the same with other operands
};

// Points in time of a device's queue: what was queued between two of them took so long.
class Stopwatch {
 public:
  virtual ~Stopwatch() = default;
  virtual void mark() = 0;  // queues a point
  // Waits for the points that were queued since the last call: seconds since the stopwatch was made.
  virtual std::vector<double> read() = 0;
};

class Device {
 public:
  virtual ~Device() = default;

  virtual std::string name() const = 0;         // "cpu", "cuda:0"
  virtual std::string description() const = 0;  // processor, libraries, threads: one line for people
  virtual Where where() const = 0;
  virtual bool asynchronous() const = 0;  // calls return before their work is done

  virtual Memory reserve(size_t bytes) = 0;  // zeros, aligned to 64 bytes at least; throws Error(memory)
  virtual size_t reserved() const = 0;       // bytes in all reservations alive
  virtual size_t available() const = 0;      // bytes that reservations could still take

  virtual void upload(void* device, const void* host, size_t bytes) = 0;  // queued; `host` is free on return
  // The inputs of a step, as upload, but in one copy over the bus that overlaps with the step before.
  virtual void feed(std::span<const Transfer>) = 0;
  virtual void download(void* host, const void* device,
                        size_t bytes) = 0;  // waits for what was queued before
  // The same without waiting: the values as they are at this point of the queue.
  virtual std::unique_ptr<Arrival> fetch(std::span<const Tensor>) = 0;
  virtual void fill_zero(void* device, size_t bytes) = 0;
  virtual void synchronize() = 0;  // throws Error(device) if queued work failed

  // Records what `work` queues; it must queue the same whenever it is called, and copy nothing from the host.
  virtual std::unique_ptr<Recording> record(std::function<void()> work) = 0;

  // By the host's clock, which is right for a device whose calls return when their work is done.
  virtual std::unique_ptr<Stopwatch> stopwatch();

  // Names what is queued between the two for the device's profiler. They nest.
  virtual void enter_range(const char* /*name*/) {}
  virtual void leave_range() {}

  // Whether it has instructions for that type: without, bf16 is slower than fp32, which a graph then takes.
  virtual bool computes(DType) const { return true; }
  // How many of so many images an inference takes at a time: all, or equal parts, the last one filled up,
  // where more at once would take more memory and no less time.
  virtual int64_t inference_batch(int64_t images) const { return images; }
  // How activations of so many channels are stored (TensorDesc::block).
  virtual int64_t activation_block(DType, int64_t channels) const = 0;
  // Throws Error(device) where no implementation fits the policy.
  virtual std::unique_ptr<Plan> plan(const ConvDesc&, Direction, const Policy&) = 0;
  virtual std::unique_ptr<Plan> plan(const GemmDesc&, const Policy&) = 0;
  // Null where the device has no such primitive: what follows a convolution is then an op of its own.
  virtual std::unique_ptr<FusedConvolution> fuse(const ConvDesc&, const Epilogue&, const Policy&) {
    return nullptr;
  }
};

// N of "cuda:N"; nothing where a name is not of that form.
std::optional<int> cuda_ordinal(const std::string& device);

// "cpu", "cuda:N", or "auto": the GPU if this build and this machine have one, else the CPU. `threads` of the
// CPU device, 0: all cores. Throws Error(device).
std::unique_ptr<Device> open_device(const std::string& name, int threads = 0);

}  // namespace rc
