#include "engine/variables.h"

namespace rc {

Variable& Variables::declare(Variable v) {
  if (const auto found = by_name_.find(v.name); found != by_name_.end()) {
    check(found->second->desc == v.desc && found->second->trained == v.trained,
          "a variable is declared twice with different shapes", v.name);
    return *found->second;
  }
  check(parameters_.data() == nullptr && buffers_.data() == nullptr,
        "a new variable after the memory was reserved", v.name);
  size_t& end = v.trained ? parameter_bytes_ : buffer_bytes_;
  v.offset = end;
  end += (v.desc.bytes() + 63) / 64 * 64;
  variables_.push_back(std::make_unique<Variable>(std::move(v)));
  Variable& kept = *variables_.back();
  by_name_[kept.name] = &kept;
  return kept;
}

const Variable& Variables::parameter(const std::string& name, const Shape& shape,
                                     std::function<void(std::vector<float>&)> initial) {
  return declare({name, {DType::f32, shape}, true, 0, std::move(initial)});
}

const Variable& Variables::buffer(const std::string& name, const TensorDesc& desc,
                                  std::function<void(std::vector<float>&)> initial) {
  return declare({name, desc, false, 0, std::move(initial)});
}

void Variables::allocate(Device& device) {
  parameters_ = device.reserve(parameter_bytes_);
  gradients_ = device.reserve(parameter_bytes_);
  buffers_ = device.reserve(buffer_bytes_);
  for (const auto& v : variables_) {
    if (!v->initial) continue;
    std::vector<float> values(size_t(v->desc.shape.numel()));
    v->initial(values);
    check(v->desc.dtype == DType::f32 && values.size() == size_t(v->desc.shape.numel()),
          "a first value of the wrong size", v->name);
    device.upload(tensor(*v).data, values.data(), v->desc.bytes());
  }
}

const Variable* Variables::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Tensor Variables::tensor(const Variable& v) const {
  return {v.desc, (v.trained ? parameters_ : buffers_).data() + v.offset};
}
Tensor Variables::gradient(const Variable& v) const { return {v.desc, gradients_.data() + v.offset}; }

int64_t Variables::parameter_count() const {
  int64_t n = 0;
  for (const auto& v : variables_) n += v->trained ? v->desc.shape.numel() : 0;
  return n;
}

}  // namespace rc
