#include "model/ops/image.h"

#include "kernels/image.h"

namespace rc {
namespace {

class NormaliseImagesOp : public Op {
 public:
  NormaliseImagesOp(float mean, float std) : mean_(mean), std_(std) {}
  const char* name() const override { return "normalise_images"; }
  bool recomputed() const override { return true; }  // the pixels are a quarter of its result, or half
  void run(Device& device, const Arguments& a) const override {
    a.out[0].dtype == DType::bf16 ? run_as<Bf16>(device, a) : run_as<float>(device, a);
  }

 private:
  template <class T>
  void run_as(Device& device, const Arguments& a) const {
    const Shape& s = a.in[0].shape;
    launch(device.where(), NormaliseImages<T>{a.in[0].as<uint8_t>(),
                                              a.in[1].as<uint8_t>(),
                                              a.out[0].as<T>(),
                                              {mean_, mean_, mean_},
                                              {std_, std_, std_},
                                              s[0],
                                              s[1],
                                              s[2],
                                              a.out[0].channel_block()});
  }
  float mean_, std_;
};

}  // namespace

Value normalise_images(Value pixels, Value flip, float mean, float std) {
  Graph& graph = *pixels.graph;
  const DType dtype = graph.policy().precision;
  return graph.add(std::make_shared<NormaliseImagesOp>(mean, std), {pixels, flip},
                   TensorDesc{dtype, pixels.shape(), graph.device().activation_block(dtype, 3)});
}

}  // namespace rc
