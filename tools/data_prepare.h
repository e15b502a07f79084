// `data prepare`: crops of faces out of photographs or videos.
#pragma once

namespace CLI {
class App;
}

namespace rc {

void add_data_prepare(CLI::App& data);

}  // namespace rc
