#include "model/ops/real_distance.h"

#include "kernels/normalise.h"
#include "kernels/scores.h"

namespace rc {
namespace {

class RealDistanceOp : public Op {
 public:
  RealDistanceOp(const Shape& v, const Shape& centre) : rows_(v[0]), dim_(v[1]), centres_(centre[0]) {}
  const char* name() const override { return "real_distance"; }
  size_t workspace() const override { return size_t(rows_ * (dim_ + 1)) * sizeof(float); }
  void run(Device& device, const Arguments& a) const override {
    float* z = static_cast<float*>(a.workspace);
    launch(device.where(), Normalise{a.in[0].as<float>(), z, z + rows_ * dim_, rows_, dim_});
    launch(device.where(), RealDistance{z, a.in[1].as<float>(), a.out[0].as<float>(), rows_, dim_, centres_});
  }

 private:
  int64_t rows_, dim_, centres_;
};

}  // namespace

Value real_distance(Value v, Value centre) {
  return v.graph->add(std::make_shared<RealDistanceOp>(v.shape(), centre.shape()), {v, centre},
                      TensorDesc{DType::f32, {v.shape()[0]}});
}

}  // namespace rc
