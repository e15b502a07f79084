// What a run is trained on, made from its configuration in this one place: training and whoever looks at its
// batches see the same.
#pragma once

#include <cstdint>

#include "data/index.h"
#include "data/loader.h"
#include "data/sampler.h"
#include "train/config.h"

namespace rc {

// The videos to train and to validate on (and those to test on, but for video files), with as many frames of
// each as the configuration asks for.
Index corpus_of(const Config&);

// The batches of the training split from (epoch, step) on, both counted from 0. The index must outlive the
// loader.
Loader training_batches(const Config&, const Index& train, const Sampler&, uint32_t epoch, uint32_t step);

}  // namespace rc
