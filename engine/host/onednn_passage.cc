#include "engine/host/onednn_passage.h"

namespace rc::onednn {
namespace {

dnnl::reorder reorder(const dnnl::memory& from, const dnnl::memory& to) {
  const dnnl::reorder::primitive_desc desc(from, to);
  refuse_reference(desc.impl_info_str(), "reorder");
  return dnnl::reorder(desc);
}

}  // namespace

Passage::Passage(const Side& side, Way way, size_t offset)
    : ours_(side.ours, cpu(), nullptr), theirs_(side.theirs, cpu(), nullptr), offset_(offset) {
  if (side.ours == side.theirs) return;
  if (way != Way::out) in_ = reorder(ours_, theirs_);
  if (way != Way::in) out_ = reorder(theirs_, ours_);
}

size_t Passage::bytes() const { return in_ || out_ ? rounded(theirs_.get_desc().get_size()) : 0; }

void Passage::enter(const void* from, void* workspace) {
  void* const data = const_cast<void*>(from);
  place(data, workspace);
  if (!in_) return;
  ours_.set_data_handle(data);
  in_->execute(queue(), ours_, theirs_);
}

void Passage::place(void* to, void* workspace) {
  theirs_.set_data_handle(in_ || out_ ? static_cast<char*>(workspace) + offset_ : to);
}

void Passage::leave(void* to) {
  if (!out_) return;
  ours_.set_data_handle(to);
  out_->execute(queue(), theirs_, ours_);
}

}  // namespace rc::onednn
