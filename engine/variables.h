// What outlives a step: parameters (trained, with gradients) and buffers (running statistics, centres), by
// name, in one reservation each. All parameters are fp32 and lie one after the other, so that an optimizer is
// one kernel over one array.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/device.h"

namespace rc {

struct Variable {
  std::string name;  // PyTorch's: "layer1.0.conv1.weight"
  TensorDesc desc;
  bool trained = false;
  size_t offset = 0;  // bytes from the start of the parameters, or of the buffers
  std::function<void(std::vector<float>&)>
      initial;  // fills the first value (f32; other types start as zeros)
};

class Variables {
 public:
  // Declares a variable, or returns the one of that name, which must have the same description. Before
  // allocate() only.
  const Variable& parameter(const std::string& name, const Shape&,
                            std::function<void(std::vector<float>&)> initial);
  const Variable& buffer(const std::string& name, const TensorDesc&,
                         std::function<void(std::vector<float>&)> initial = {});

  // Reserves the memory on the device and writes the first values.
  void allocate(Device&);

  const std::vector<std::unique_ptr<Variable>>& all() const { return variables_; }  // in order of declaration
  const Variable* find(const std::string& name) const;
  Tensor tensor(const Variable&) const;
  Tensor gradient(const Variable&) const;

  int64_t parameter_count() const;  // trained numbers, padding not counted
  int64_t flat_size() const {
    return int64_t(parameter_bytes_ / sizeof(float));
  }  // elements of the flat arrays, padding included (zeros)
  float* flat_parameters() const { return reinterpret_cast<float*>(parameters_.data()); }
  float* flat_gradients() const { return reinterpret_cast<float*>(gradients_.data()); }
  size_t bytes() const { return 2 * parameter_bytes_ + buffer_bytes_; }  // what allocate() reserves

 private:
  Variable& declare(Variable);

  std::vector<std::unique_ptr<Variable>> variables_;
  std::map<std::string, Variable*> by_name_;
  size_t parameter_bytes_ = 0, buffer_bytes_ = 0;
  Memory parameters_, gradients_, buffers_;
};

}  // namespace rc
