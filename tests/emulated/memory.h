// Which memory of the emulated test program the GPU sees.
#pragma once

namespace rc {

// Whatever operator new gives is memory of the emulated GPU as well, a
// range of its own for each vector: an access one element past its end is out of bounds. While one of these
// lives, new memory is the host's alone, as it is for the program that users run.
class OrdinaryMemory {
 public:
  OrdinaryMemory();
  ~OrdinaryMemory();
  OrdinaryMemory(const OrdinaryMemory&) = delete;
};

}  // namespace rc
