// A step, traced once: building reads like eager code, and leaves a list of ops. Gradients are further ops of
// the same list. engine/program.h plans its memory and runs it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/device.h"
#include "engine/variables.h"

namespace rc {

class Graph;
struct Node;

// A tensor of a graph: a handle, cheap to copy. An empty one means "no gradient flows here".
struct Value {
  Graph* graph = nullptr;
  int id = -1;

  explicit operator bool() const { return id >= 0; }
  const TensorDesc& desc() const;
  const Shape& shape() const { return desc().shape; }
  bool operator==(const Value&) const = default;
};

// What an op gets when it runs.
struct Arguments {
  std::vector<Tensor> in, out;
  void* workspace = nullptr;  // Op::workspace() bytes
};

struct Cost {
  double flops = 0, bytes = 0;  // bytes read and written at least once
  // The type of the factors where the FLOPs are those of matrix products that tensor cores may do.
  std::optional<DType> product = {};
};

// When in a step an op runs: on the way to the losses, again because its result was not kept, on the way
// back, or after all gradients are there.
enum class Phase : uint8_t { forward, recomputed, backward, update };
const char* name_of(Phase);

// What an op's name and operands leave open, by name: {"stride", 2}. An enumeration is its number.
using Attributes = std::map<std::string, double>;

// One kind of work. An op is immutable; a node of the graph is one use of it.
class Op {
 public:
  virtual ~Op() = default;
  virtual const char* name() const = 0;
  virtual void run(Device&, const Arguments&) const = 0;
  virtual Cost cost(const Node&) const;  // default: no FLOPs, every operand moved once
  virtual size_t workspace() const { return 0; }
  virtual Attributes attributes() const { return {}; }  // for who writes the graph down for another program
  virtual std::string detail() const { return {}; }     // the plan's engine, for tables

  // Adds ops that compute the gradients of the node's inputs from those of its outputs (empty where none
  // arrived), in the order of the inputs; empty where none flows. Values of the forward pass are taken
  // through Graph::saved. Default: Error(internal).
  virtual std::vector<Value> gradient(Graph&, const Node&, std::span<const Value> out_gradients) const;

  virtual int overwrites(int /*output*/) const {
    return -1;
  }  // the input whose memory that output may take, -1 for none
  virtual bool recomputed() const {
    return false;
  }  // cheap enough to be run again for the backward pass rather than kept
  virtual bool repeatable() const { return true; }  // running it again in the same step does no harm
};

struct Node {
  std::shared_ptr<const Op> op;
  std::vector<Value> in, out;
  std::string scope;  // "layer1.0.conv1"
  Phase phase = Phase::forward;
  int block = -1;         // what may be computed again as a whole (Graph::Block)
  bool constant = false;  // depends on variables alone, in inference: the same in every run
};

class Graph {
 public:
  Graph(Device& device, Variables& variables, Policy policy, bool training)
      : device_(device), variables_(variables), policy_(policy), training_(training) {
    if (!device.computes(policy_.precision)) policy_.precision = DType::f32;
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  Device& device() const { return device_; }
  Variables& variables() const { return variables_; }
  const Policy& policy() const { return policy_; }
  bool training() const { return training_; }

  Value input(const TensorDesc&);   // written by the caller before each run
  Value variable(const Variable&);  // memory that outlives the step
  std::vector<Value> add(std::shared_ptr<const Op>, std::vector<Value> in, std::vector<TensorDesc> out);
  Value add(std::shared_ptr<const Op> op, std::vector<Value> in, TensorDesc out) {
    return add(std::move(op), std::move(in), std::vector{out})[0];
  }
  void keep(Value);  // readable after a run

  // Adds the gradient ops of the sum of some losses, in training alone. A loss is the first element of its
  // value, and its op's gradient brings its own weight in the sum: what it is given as the gradient of its
  // output means nothing. Each parameter's gradient lands in Variables::gradient; a parameter that no loss
  // reaches keeps a gradient of zero. `join` adds two gradients of a value that is used twice.
  void backward(std::span<const Value> losses, const std::function<Value(Value, Value)>& join);
  // A forward value for use in the backward pass: itself, or computed again when its op or its block says so.
  Value saved(Value);
  bool needs_gradient(Value) const;
  // Marks the ops that depend on variables alone, moves them to the front and returns their number. None in
  // training, where every step changes the variables.
  int constants_first();

  // Names of what is added while the returned guard lives: "layer1" within "encoder" gives "encoder.layer1".
  class Scope {
   public:
    Scope(Graph& graph, const std::string& name) : graph_(graph), outer_(graph.scope_) {
      graph.scope_ = outer_.empty() ? name : outer_ + "." + name;
    }
    ~Scope() { graph_.scope_ = outer_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Graph& graph_;
    std::string outer_;
  };
  const std::string& scope() const { return scope_; }

  // What is added while it lives is a block of the network, such as a residual block: a unit that may be
  // computed again for the backward pass instead of being kept. Blocks do not nest.
  class Block {
   public:
    explicit Block(Graph& graph) : graph_(graph) { graph_.block_ = graph_.blocks_++; }
    ~Block() { graph_.block_ = -1; }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

   private:
    Graph& graph_;
  };
  int blocks() const { return blocks_; }
  // Of the first `count` blocks only what leaves them is kept for the backward pass; the rest is computed
  // again from what enters them (Chen et al., arXiv 1604.06174): the same bits for less memory and more
  // FLOPs. The first blocks hold the most, and their turn comes when little else is alive. Before backward().
  void recompute_blocks(int count) { recomputed_blocks_ = count; }

  enum class Kind : uint8_t { arena, input, variable, gradient };
  struct Entry {
    TensorDesc desc;
    Kind kind = Kind::arena;
    const Variable* variable = nullptr;  // of kinds variable and gradient
    int producer = -1;                   // node
    bool differentiable = false;         // a parameter is among its ancestors
    bool kept = false;
  };
  const std::deque<Entry>& values() const { return values_; }
  const std::deque<Node>& nodes() const { return nodes_; }

 private:
  bool computed_again(Value) const;

  Device& device_;
  Variables& variables_;
  Policy policy_;
  bool training_;
  std::string scope_;
  Phase phase_ = Phase::forward;
  int block_ = -1, blocks_ = 0, recomputed_blocks_ = 0;
  std::deque<Entry> values_;  // those there are stay where they are when more are added
  std::deque<Node> nodes_;
  std::vector<bool> leaves_;       // its block, by value id: of the forward pass, during backward()
  std::vector<Value> recomputed_;  // by value id, during backward()
};

}  // namespace rc
