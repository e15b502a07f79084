// Tensors that PyTorch or NumPy wrote, as tests/golden/weights.json describes them.
#pragma once

#include <doctest/doctest.h>

#include "model/weights/stored_tensor.h"
#include "tests/golden/golden.h"

namespace rc {

// The file holds these, and no others.
inline void check_tensors(const TensorFile& file, const golden::Json& known) {
  CHECK(file.tensors.size() == known.size());
  for (const auto& [key, t] : known.items()) {
    const std::string& name = key;  // a binding cannot be captured
    CAPTURE(name);
    const StoredTensor* found = file.find(name);
    REQUIRE(found);
    CHECK(name_of(found->type) == t["type"].get<std::string>());
    CHECK(found->shape == t["shape"].get<std::vector<int64_t>>());
    const auto values = t["values"].get<std::vector<double>>();
    REQUIRE(found->bytes.size() == values.size() * size_of(found->type));
    for (size_t i = 0; i < values.size(); ++i) CHECK(element(*found, i) == values[i]);
  }
}

}  // namespace rc
