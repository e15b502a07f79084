// What all of our oneDNN primitives share: its engine, how our tensors look to it, what is refused.
#pragma once

#include <dnnl.hpp>
#include <string>

#include "engine/device.h"

namespace rc::onednn {

const dnnl::engine& cpu();
dnnl::stream& queue();

dnnl::memory::data_type type_of(DType);
// What a convolution reads or writes, as we store it and as the primitive takes it. They differ for channels
// that do not fill blocks of 16 (24, 728) where the other side's do: a reorder then takes 3-10 % of the
// convolution's time, and all of a network's other activations keep the storage that is best for them.
struct Side {
  dnnl::memory::desc ours, theirs;
};
Side input_of(const ConvDesc&);
Side output_of(const ConvDesc&);
bool processor_has(dnnl::cpu_isa);  // as far as oneDNN uses it

// A filter as we store it (KRSC), and in whatever order the primitive likes.
dnnl::memory::desc filter_of(const ConvDesc&, DType);
dnnl::memory::desc any_filter_of(const ConvDesc&, DType);

dnnl::primitive_attr attributes();  // the caller gives the scratchpad
inline size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }
std::string text_of(const ConvDesc&, Direction);  // for people

// Never the reference loops: they are hundreds of times slower, and nothing would say so. Throws
// Error(device).
void refuse_reference(const std::string& implementation, const std::string& what);

// What `make` makes, which has engine() and workspace(). It may throw dnnl::error. Throws Error(device) where
// oneDNN has none, or none within the limit of workspace.
template <class Make>
auto checked(const ConvDesc& d, Direction direction, const Policy& policy, const Make& make) {
  const std::string what = text_of(d, direction);
  try {
    auto plan = make();
    refuse_reference(plan->engine(), what);
    if (plan->workspace() > policy.workspace_limit)
      throw Error(Exit::device, "oneDNN has no implementation within the workspace limit", what);
    return plan;
  } catch (const dnnl::error& e) {
    throw Error(Exit::device, std::string("oneDNN: ") + e.what(), what);
  }
}

// The one place where oneDNN 2 and 3 differ: how a primitive's descriptor is made.
#if DNNL_VERSION_MAJOR >= 3
template <class Primitive, class... Args>
typename Primitive::primitive_desc describe(const dnnl::primitive_attr& attr, const Args&... args) {
  return {cpu(), args..., attr};
}
template <class Primitive, class... Args>
typename Primitive::primitive_desc describe_backward(const dnnl::convolution_forward::primitive_desc& hint,
                                                     const Args&... args) {
  return {cpu(), args..., hint, attributes()};
}
#else
template <class Primitive, class... Args>
typename Primitive::primitive_desc describe(const dnnl::primitive_attr& attr, const Args&... args) {
  return {typename Primitive::desc(args...), attr, cpu()};
}
template <class Primitive, class... Args>
typename Primitive::primitive_desc describe_backward(const dnnl::convolution_forward::primitive_desc& hint,
                                                     const Args&... args) {
  return {typename Primitive::desc(args...), attributes(), cpu(), hint};
}
#endif

}  // namespace rc::onednn
