// realcentric bench loss: the contrastive loss of N embeddings, forward and backward.
#pragma once

namespace CLI {
class App;
}

namespace rc {

// Adds the subcommand to `bench`, and the side of ours that it starts.
void add_bench_loss(CLI::App& bench);

}  // namespace rc
