#include "engine/host/fibers.h"

#include <ucontext.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <vector>

#include "engine/error.h"
#include "engine/rng.h"

namespace rc {

FiberSchedule& fiber_schedule() {
  thread_local FiberSchedule schedule;
  return schedule;
}

struct FiberBlock {
  struct Lane {
    ucontext_t context;
    std::unique_ptr<char[]> stack;
    bool done = false;
    int64_t barriers = 0;
  };
  int64_t index = 0;
  std::vector<Lane> lanes;
  std::vector<double> mailbox;
  std::vector<uint32_t> shared;
  const std::function<void(Fiber)>* body = nullptr;
  ucontext_t scheduler;
  int running = 0;
  std::exception_ptr failure;
};

int64_t Fiber::index() const { return block_->index; }
int Fiber::lanes() const { return int(block_->lanes.size()); }

void Fiber::sync() {
  FiberBlock::Lane& self = block_->lanes[size_t(lane_)];
  if (self.barriers++ == fiber_schedule().left_out) return;
  swapcontext(&self.context, &block_->scheduler);
}

void Fiber::meet(double mine, const std::function<void(double)>& visit) {
  block_->mailbox[size_t(lane_)] = mine;
  sync();
  for (const double value : block_->mailbox) visit(value);
  sync();
}

void* Fiber::take(int64_t bytes) {
  char* p = reinterpret_cast<char*>(block_->shared.data()) + taken_;
  taken_ += (bytes + 15) / 16 * 16;
  check(taken_ <= int64_t(block_->shared.size() * 4), "a kernel takes more shared memory than its grid says");
  return p;
}

namespace {

constexpr size_t kStack = 128 << 10;

// makecontext passes ints alone: a pointer travels as two halves.
void start(unsigned high, unsigned low) {
  auto* block = reinterpret_cast<FiberBlock*>(uintptr_t(high) << 32 | low);
  const int lane = block->running;
  try {
    (*block->body)(Fiber(block, lane));
  } catch (...) {
    block->failure = std::current_exception();
  }
  block->lanes[size_t(lane)].done = true;
  swapcontext(&block->lanes[size_t(lane)].context, &block->scheduler);
}

void shuffle(std::vector<int>& order, uint64_t seed, uint32_t round) {
  Rng rng(seed, Purpose::test, round);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(uint32_t(i))]);
}

// Runs one lane up to its next barrier or its end. A function of its own, so that no variable lives across
// the jump.
[[gnu::noinline]] void resume(FiberBlock& block, int lane) {
  block.running = lane;
  swapcontext(&block.scheduler, &block.lanes[size_t(lane)].context);
}

// Puts a lane at the start of the body.
[[gnu::noinline]] void rewind(FiberBlock& block, FiberBlock::Lane& lane) {
  const auto self = reinterpret_cast<uintptr_t>(&block);
  lane.done = false, lane.barriers = 0;
  getcontext(&lane.context);
  lane.context.uc_stack.ss_sp = lane.stack.get();
  lane.context.uc_stack.ss_size = kStack;
  lane.context.uc_link = nullptr;
  makecontext(&lane.context, reinterpret_cast<void (*)()>(start), 2, unsigned(self >> 32), unsigned(self));
}

}  // namespace

void run_fibers(const Grid& grid, const std::function<void(Fiber)>& body) {
  const FiberSchedule schedule = fiber_schedule();
  FiberBlock block;
  block.body = &body;
  block.lanes.resize(size_t(schedule.lanes));
  block.mailbox.resize(size_t(schedule.lanes));
  for (auto& lane : block.lanes) lane.stack = std::make_unique<char[]>(kStack);

  std::vector<int> order(size_t(schedule.lanes));
  for (int i = 0; i < schedule.lanes; ++i) order[size_t(i)] = i;
  if (schedule.order == 1) std::reverse(order.begin(), order.end());

  for (block.index = 0; block.index < grid.blocks; ++block.index) {
    block.shared.assign((grid.shared + 15) / 16 * 4, 0x7fc00000u);
    for (auto& lane : block.lanes) rewind(block, lane);
    for (uint32_t round = 0; !block.lanes[0].done; ++round) {
      if (schedule.order > 1) shuffle(order, schedule.order, round);
      for (const int lane : order) {
        resume(block, lane);
        if (block.failure) std::rethrow_exception(block.failure);
      }
      for (const auto& lane : block.lanes)
        check(lane.done == block.lanes[0].done && lane.barriers == block.lanes[0].barriers,
              "lanes of a block part ways at a barrier");
    }
  }
}

}  // namespace rc
