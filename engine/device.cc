#include "engine/device.h"

#include <charconv>

#include "engine/cuda/open.h"
#include "engine/host/host_device.h"

namespace rc {

const char* name_of(Direction direction) {
  switch (direction) {
    case Direction::forward:
      return "forward";
    case Direction::data_gradient:
      return "data gradient";
    case Direction::weight_gradient:
      return "weight gradient";
  }
  return "?";
}

std::string ConvDesc::text() const {
  return std::string(name_of(dtype)) + " " + Shape{n, h, w, c}.text() + " * " +
         Shape{k, r, s, c / groups}.text() + " stride " + std::to_string(stride) + " pad " +
         std::to_string(pad);
}

std::string GemmDesc::text() const {
  return std::string(name_of(dtype)) + " " + Shape{m, n, k}.text() + (transpose_a ? " T" : " N") +
         (transpose_b ? "T" : "N");
}

std::unique_ptr<Device> open_device(const std::string& name, int threads) {
  if (name == "cpu") return std::make_unique<HostDevice>(threads);
  if (name == "auto") {
    if (const std::string why = why_no_cuda(); !why.empty())
      return std::make_unique<HostDevice>(threads, why);
    return open_cuda(0);
  }
  if (name == "cuda") return open_cuda(0);
  if (name.starts_with("cuda:")) {
    int ordinal = -1;
    const auto [end, error] = std::from_chars(name.data() + 5, name.data() + name.size(), ordinal);
    if (error == std::errc() && end == name.data() + name.size() && ordinal >= 0) return open_cuda(ordinal);
  }
  throw Error(Exit::usage, "unknown device \"" + name + "\"", "--device", "auto, cpu, or cuda:N");
}

}  // namespace rc
