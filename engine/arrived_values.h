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
    const Tensor& t = tensors_.front();
    check(t.dtype == dtype_of<T>(), "a value is read as another type than it has");
    const std::span values(reinterpret_cast<const T*>(data_), size_t(t.shape.numel()));
    data_ += (t.bytes() + kArrivalAlignment - 1) / kArrivalAlignment * kArrivalAlignment;
    tensors_ = tensors_.subspan(1);
    return values;
  }

 private:
  const char* data_;
  std::span<const Tensor> tensors_;
};

}  // namespace rc
