// A detector's file as a stranger may have made it.
#include "train/checkpoint.h"

#include <doctest/doctest.h>

#include "engine/error.h"
#include "model/weights/safetensors.h"
#include "tests/data/fixtures.h"

namespace rc {

TEST_SUITE("unit") {
  TEST_CASE("checkpoint: a configuration that is none is refused, however deep") {
    const TemporaryFolder folder;
    const std::string deep = std::string(1 << 20, '[') + std::string(1 << 20, ']');
    for (const std::string& config : {std::string("[]"), std::string("{"), "{\"seed\": " + deep + "}",
                                      std::string("{\"seed\": [[1]]}"), std::string("{}")}) {
      TensorFile file;
      file.metadata = {{"format", "pt"}, {"realcentric.config", config}};
      write_safetensors(folder / "model.safetensors", file);
      CHECK_THROWS_AS(load_model_config(folder / "model.safetensors"), Error);
    }
  }
}

}  // namespace rc
