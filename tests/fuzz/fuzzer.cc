// libFuzzer's program: `run TARGET [option ...] folder ...`; without arguments it lists the targets,
// "weights" behind those of weights. "planted" is a fault that it must find.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "engine/error.h"
#include "tests/fuzz/targets.h"

namespace {

// Reads one past the end of what begins with "bug".
void planted(std::string_view bytes) {
  const std::string copy(bytes);
  if (copy.size() >= 3 && copy[0] == 'b' && copy[1] == 'u' && copy[2] == 'g')
    std::printf("%d", copy.c_str()[copy.size() + 1 + size_t(copy[2]) * 16]);
}

constexpr rc::fuzz::Target kPlanted = {"planted", planted};
const rc::fuzz::Target* chosen = nullptr;

}  // namespace

// Takes the target's name out of the arguments, of which libFuzzer reads the rest.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  const std::string name = *argc > 1 ? (*argv)[1] : "";
  for (const rc::fuzz::Target& target : rc::fuzz::targets())
    if (name == target.name) chosen = &target;
  if (name == kPlanted.name) chosen = &kPlanted;
  if (!chosen) {
    for (const rc::fuzz::Target& target : rc::fuzz::targets())
      std::printf("%s%s\n", target.name, target.of_weights ? " weights" : "");
    std::exit(name.empty() ? 0 : 2);
  }
  for (int i = 1; i < *argc; ++i) (*argv)[i] = (*argv)[i + 1];
  --*argc;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    rc::fuzz::read_or_refuse(*chosen, {reinterpret_cast<const char*>(data), size});
  } catch (const rc::Error& error) {
    std::fprintf(stderr, "%s\n", error.text().c_str());
    std::abort();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::abort();
  }
  return 0;
}
