// A folder of data pack: its index.
#include "data/layout.h"
#include "engine/error.h"

namespace rc {

bool is_pack(const std::filesystem::path& folder, const ReadOptions&) {
  return std::filesystem::is_regular_file(folder / "pack.json");
}

Found read_pack(const std::filesystem::path& folder, const ReadOptions& options) {
  const std::filesystem::path index = folder / "index.jsonl";
  if (!std::filesystem::exists(index))
    throw Error(Exit::data, "the pack " + folder.string() + " is unfinished", "it has no index.jsonl",
                "the data pack that was interrupted goes on where it is run again");
  return read_jsonl(index, options);
}

}  // namespace rc
