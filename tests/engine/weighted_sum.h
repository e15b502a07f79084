// A loss for tests of gradients.
#pragma once

#include <memory>
#include <vector>

#include "engine/graph.h"

namespace rc {

// loss = sum of x * k, k fixed small integers: linear, so central differences of what feeds it are exact.
class WeightedSum : public Op {
 public:
  const char* name() const override { return "weighted_sum"; }
  static float weight(int64_t i) { return float(i % 5 - 2); }
  void run(Device&, const Arguments& a) const override {
    double sum = 0;
    for (int64_t i = 0; i < a.in[0].shape.numel(); ++i) sum += double(a.in[0].as<float>()[i] * weight(i));
    *a.out[0].as<float>() = float(sum);
  }
  std::vector<Value> gradient(Graph& graph, const Node& node, std::span<const Value>) const override {
    return {graph.add(std::make_shared<Weights>(), {}, node.in[0].desc())};
  }

 private:
  class Weights : public Op {
   public:
    const char* name() const override { return "weights"; }
    void run(Device&, const Arguments& a) const override {
      for (int64_t i = 0; i < a.out[0].shape.numel(); ++i) a.out[0].as<float>()[i] = weight(i);
    }
  };
};

}  // namespace rc
