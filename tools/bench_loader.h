// `realcentric bench loader`: images/s from files to batches, beside PyTorch's DataLoader.
#pragma once

namespace CLI {
class App;
}

namespace rc {

void add_bench_loader(CLI::App& bench);

}  // namespace rc
