// A descriptor of cuDNN's backend API as a value: attributes are set and read by their C++ types.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/cuda/cudnn_library.h"
#include "engine/error.h"

namespace rc {

// The tag of a C++ type in an attribute.
template <class T>
inline constexpr cudnnBackendAttributeType_t kAttributeType =
    [] { static_assert(sizeof(T) == 0, "no attribute has this type"); }();
template <>
inline constexpr auto kAttributeType<int64_t> = CUDNN_TYPE_INT64;
template <>
inline constexpr auto kAttributeType<int32_t> = CUDNN_TYPE_INT32;
template <>
inline constexpr auto kAttributeType<float> = CUDNN_TYPE_FLOAT;
template <>
inline constexpr auto kAttributeType<char> = CUDNN_TYPE_CHAR;
template <>
inline constexpr auto kAttributeType<void*> = CUDNN_TYPE_VOID_PTR;
template <>
inline constexpr auto kAttributeType<cudnnDataType_t> = CUDNN_TYPE_DATA_TYPE;
template <>
inline constexpr auto kAttributeType<cudnnConvolutionMode_t> = CUDNN_TYPE_CONVOLUTION_MODE;
template <>
inline constexpr auto kAttributeType<cudnnBackendHeurMode_t> = CUDNN_TYPE_HEUR_MODE;
template <>
inline constexpr auto kAttributeType<cudnnBackendKnobType_t> = CUDNN_TYPE_KNOB_TYPE;
template <>
inline constexpr auto kAttributeType<cudnnBackendNumericalNote_t> = CUDNN_TYPE_NUMERICAL_NOTE;
template <>
inline constexpr auto kAttributeType<cudnnBackendBehaviorNote_t> = CUDNN_TYPE_BEHAVIOR_NOTE;

class CudnnDescriptor {
 public:
  explicit CudnnDescriptor(cudnnBackendDescriptorType_t type) {
    cudnnBackendDescriptor_t made = nullptr;
    cudnn_check(cudnn().create_descriptor(type, &made), "new descriptor");
    descriptor_.reset(made);
  }

  cudnnBackendDescriptor_t get() const { return descriptor_.get(); }

  template <class T>
  void set(cudnnBackendAttributeName_t name, std::span<const T> values) {
    set(name, kAttributeType<T>, int64_t(values.size()), values.data());
  }
  template <class T>
  void set(cudnnBackendAttributeName_t name, std::initializer_list<T> values) {
    set(name, std::span(values.begin(), values.size()));
  }
  template <class T>
  void set(cudnnBackendAttributeName_t name, T value) {
    set(name, kAttributeType<T>, 1, &value);
  }
  void set(cudnnBackendAttributeName_t name, const CudnnDescriptor& value) {
    const cudnnBackendDescriptor_t raw = value.get();
    set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &raw);
  }
  void set(cudnnBackendAttributeName_t name, std::span<const CudnnDescriptor> values) {
    std::vector<cudnnBackendDescriptor_t> raw;
    for (const CudnnDescriptor& value : values) raw.push_back(value.get());
    set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, int64_t(raw.size()), raw.data());
  }

  // No attribute changes after this. `where` says what it describes.
  void finalize(const std::string& where) { cudnn_check(cudnn().finalize(get()), where); }

  template <class T>
  std::vector<T> list(cudnnBackendAttributeName_t name) const {
    int64_t count = 0;
    get(name, kAttributeType<T>, 0, &count, nullptr);
    std::vector<T> values(static_cast<size_t>(count));
    if (count > 0) get(name, kAttributeType<T>, count, &count, values.data());
    values.resize(size_t(count));
    return values;
  }
  template <class T>
  T value(cudnnBackendAttributeName_t name) const {
    T value = {};
    int64_t count = 0;
    get(name, kAttributeType<T>, 1, &count, &value);
    return value;
  }
  // An attribute that is descriptors, copied into new ones of that type: at most `most` of them.
  std::vector<CudnnDescriptor> descriptors(cudnnBackendAttributeName_t name,
                                           cudnnBackendDescriptorType_t type, int64_t most) const {
    std::vector<CudnnDescriptor> values;
    std::vector<cudnnBackendDescriptor_t> raw;
    for (int64_t i = 0; i < most; ++i) raw.push_back(values.emplace_back(type).get());
    int64_t count = 0;
    get(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, most, &count, raw.data());
    values.erase(values.begin() + std::min(count, most), values.end());
    return values;
  }
  int64_t count_of_descriptors(cudnnBackendAttributeName_t name) const {
    int64_t count = 0;
    get(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, nullptr);
    return count;
  }

 private:
  struct Destroy {
    void operator()(void* descriptor) const { cudnn().destroy_descriptor(descriptor); }
  };

  void set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t count,
           const void* values) {
    cudnn_check(cudnn().set_attribute(get(), name, type, count, values), "attribute " + std::to_string(name));
  }
  void get(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t wanted, int64_t* count,
           void* values) const {
    cudnn_check(cudnn().get_attribute(get(), name, type, wanted, count, values),
                "attribute " + std::to_string(name));
  }

  std::unique_ptr<void, Destroy> descriptor_;
};

}  // namespace rc
