#include "kernels/elementwise.h"

#include "kernels/elements.h"

namespace rc {

template <class T>
template <class Block>
RC_HD void Add<T>::operator()(Block block) const {
  each_element(block, n, [&](int64_t i) { out[i] = T(float(a[i]) + float(b[i])); });
}

template <class T>
template <class Block>
RC_HD void Fill<T>::operator()(Block block) const {
  each_element(block, n, [&](int64_t i) { out[i] = value; });
}

template <class T>
template <class Block>
RC_HD void Scale<T>::operator()(Block block) const {
  each_element(block, n, [&](int64_t i) { out[i] = T(factor * float(a[i])); });
}

template <class T>
template <class Block>
RC_HD void AddScaled<T>::operator()(Block block) const {
  each_element(block, n, [&](int64_t i) { out[i] = T(float(a[i]) + factor * float(b[i])); });
}

template <class T>
template <class Block>
RC_HD void Relu<T>::operator()(Block block) const {
  each_element(block, n, [&](int64_t i) { out[i] = T(float(a[i]) < 0 ? 0 : float(a[i])); });
}

template <class T>
template <class Block>
RC_HD void ReluBackward<T>::operator()(Block block) const {
  each_element(block, n, [&](int64_t i) {
    const float g = float(dy[i]);  // read whether it is kept or not: no branch in the loop
    da[i] = T(float(y[i]) > 0 ? g : 0);
  });
}

template <class From, class To>
template <class Block>
RC_HD void Cast<From, To>::operator()(Block block) const {
  each_element(block, n, [&](int64_t i) { out[i] = To(float(a[i])); });
}

template void enter<Target::RC_TARGET>(const Add<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Add<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Fill<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Fill<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Scale<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Scale<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const AddScaled<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const AddScaled<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Relu<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Relu<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const ReluBackward<float>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const ReluBackward<Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Cast<float, Bf16>&, const Grid&, void*);
template void enter<Target::RC_TARGET>(const Cast<Bf16, float>&, const Grid&, void*);

// Budget: registers of a thread, bytes of shared memory of a block.
//   Add<float>           40  0
//   Add<Bf16>            40  0
//   Fill<float>          32  0
//   Fill<Bf16>           32  0
//   Scale<float>         40  0
//   Scale<Bf16>          40  0
//   AddScaled<float>     40  0
//   AddScaled<Bf16>      40  0
//   Relu<float>          40  0
//   Relu<Bf16>           40  0
//   ReluBackward<float>  40  0
//   ReluBackward<Bf16>   40  0
//   Cast<float, Bf16>    32  0
//   Cast<Bf16, float>    32  0

}  // namespace rc
