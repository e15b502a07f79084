// Loss of colour and of contrast, as DeeperForensics-1.0 takes them away (kinds CS and CC).
#pragma once

#include "data/image.h"

namespace rc {

// The chroma times `factor` in 0..1, the luma kept. Done there in studio swing around 0.5 instead of 128/255,
// which shifts both chromas by (1 - factor) / 448 of a grey level: enough for a grey of 128 to be cut to 127.
void desaturate(Image&, double factor);

// Every value times `factor` in 0..1, cut down to a whole number; no mean is kept, so the image darkens.
void darken(Image&, double factor);

}  // namespace rc
