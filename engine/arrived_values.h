// The values of an Arrival, read in the order in which they were fetched.
#pragma once

#include <span>

#include "engine/device.h"

namespace rc {

class ArrivedValues {
 public:
  // Waits. `tensors` are those that were fetched.
  ArrivedValues(Arrival& arrival, std::span<const Tensor> tensors)
      : data_(arrival.wait()), tensors_(tensors) {}
  bool more() const { return !tensors_.empty(); }
  template <class T>
  std::span<const T> next() {
    const Tensor t = next();
    return {t.as<T>(), size_t(t.shape.numel())};
  }
  // The same with its type and shape, in host memory.
  Tensor next() {
    Tensor t = tensors_.front();
    t.data = const_cast<char*>(data_);
    data_ += (t.bytes() + kArrivalAlignment - 1) / kArrivalAlignment * kArrivalAlignment;
    tensors_ = tensors_.subspan(1);
    return t;
  }

 private:
  const char* data_;
  std::span<const Tensor> tensors_;
};

}  // namespace rc
