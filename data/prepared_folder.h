// A folder that is made piece by piece and survives being killed: a piece is there as a whole or not at all,
// and the same command goes on where it was.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rc {

class PreparedFolder {
 public:
  using Json = nlohmann::ordered_json;

  // Begins the folder, or goes on with one that was begun with the same `options`. Throws Error(usage) for a
  // folder that is none of this kind, was begun with other options (named) or is being made by another
  // process; `replace` begins anew instead. Throws Error(data) when it cannot be written.
  PreparedFolder(const std::filesystem::path&, const Json& options, bool replace);
  ~PreparedFolder();
  PreparedFolder(const PreparedFolder&) = delete;

  // What was said of piece i when it was done; nothing before.
  std::optional<Json> done(size_t i) const;

  // Pieces may be made by several threads at once, each by one. begin: anew, whatever was put there before.
  void begin(size_t i) const;
  void put(size_t i, const std::filesystem::path& relative, std::string_view bytes) const;
  // Piece i is done: what was put under `from` is `to` in the folder from now on, and `said` is noted.
  struct Move {
    std::string from, to;
  };
  void keep(size_t i, const std::vector<Move>&, const Json& said) const;

  // A file beside the pieces: as a whole or not at all, and a killed process leaves nothing else of it.
  void write(const std::filesystem::path& relative, std::string_view bytes) const;

 private:
  std::filesystem::path note(size_t i) const;  // relative to the folder
  std::filesystem::path workplaces() const;    // what a killed process leaves there goes with the next one
  std::filesystem::path workplace(size_t i) const;

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace rc
