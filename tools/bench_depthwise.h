// realcentric bench depthwise: our depthwise convolutions beside the device's own.
#pragma once

namespace CLI {
class App;
}

namespace rc {

void add_bench_depthwise(CLI::App& bench);  // a subcommand of `bench`

}  // namespace rc
