#include "engine/host/onednn_parts.h"

namespace rc::onednn {
namespace {

using dnnl::memory;

// Both sides of a convolution are NHWC, or both nChw16c but for planar images: oneDNN has only reference
// loops for anything else. 16 channels stored by 16 are either.
bool blocked(const ConvDesc& d) {
  const bool nhwc = d.in_block == d.c && d.out_block == d.k;
  return d.dtype == DType::f32 && (!nhwc || (d.in_block == 16 && d.out_block == 16));
}
Side side(const ConvDesc& d, int64_t h, int64_t w, int64_t c, int64_t block) {
  using Tag = memory::format_tag;
  check(block == c || block == 16 || block == 1, "oneDNN stores activations as NHWC, nChw16c or planar");
  const Tag theirs = block == 1 && c > 1 ? Tag::nchw : blocked(d) ? Tag::nChw16c : Tag::nhwc;
  const Tag ours = block == c && c != 16 ? Tag::nhwc : theirs;
  const memory::dims dims = {d.n, c, h, w};
  return {{dims, type_of(d.dtype), ours}, {dims, type_of(d.dtype), theirs}};
}
memory::dims filter_dims(const ConvDesc& d) {
  if (d.groups == 1) return {d.k, d.c, d.r, d.s};
  return {d.groups, d.k / d.groups, d.c / d.groups, d.r, d.s};
}

}  // namespace

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}
dnnl::stream& queue() {
  static dnnl::stream stream(cpu());
  return stream;
}

memory::data_type type_of(DType dtype) {
  return dtype == DType::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}
Side input_of(const ConvDesc& d) { return side(d, d.h, d.w, d.c, d.in_block); }
Side output_of(const ConvDesc& d) { return side(d, d.p(), d.q(), d.k, d.out_block); }
bool processor_has(dnnl::cpu_isa needed) {
  return (unsigned(dnnl::get_effective_cpu_isa()) & unsigned(needed)) == unsigned(needed);  // a bit each
}
memory::desc filter_of(const ConvDesc& d, DType dtype) {
  return {filter_dims(d), type_of(dtype),
          d.groups == 1 ? memory::format_tag::ohwi : memory::format_tag::gohwi};
}
memory::desc any_filter_of(const ConvDesc& d, DType dtype) {
  return {filter_dims(d), type_of(dtype), memory::format_tag::any};
}

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

std::string text_of(const ConvDesc& d, Direction direction) {
  return std::string("convolution, ") + name_of(direction) + ", " + d.text();
}

void refuse_reference(const std::string& implementation, const std::string& what) {
  if (implementation.starts_with("ref") || implementation.find("_ref") != std::string::npos)
    throw Error(Exit::device, "oneDNN has only its reference loop (" + implementation + ")", what);
}

}  // namespace rc::onednn
