#include "data/path_map.h"

#include <algorithm>

#include "engine/error.h"

namespace rc {
namespace {

std::string without_last_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

std::string with_slashes(std::string_view path) {
  std::string text(path);
  std::ranges::replace(text, '\\', '/');
  return text;
}

PathMap::PathMap(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(Exit::usage, "no two paths: \"" + text + "\"", "--path-map",
                  "OLD=NEW, such as --path-map /home/ann/data=/data");
    pairs_.emplace_back(without_last_slash(with_slashes(text.substr(0, equals))),
                        without_last_slash(text.substr(equals + 1)));
  }
}

std::string PathMap::operator()(std::string path) const {
  for (const auto& [from, to] : pairs_) {
    const bool inside = path.size() > from.size() && path.starts_with(from) &&
                        (from.back() == '/' || path[from.size()] == '/');
    if (!inside) continue;
    const std::string rest = path.substr(from.size() + (from.back() == '/' ? 0 : 1));
    return to.empty() || to.back() == '/' ? to + rest : to + "/" + rest;
  }
  return path;
}

}  // namespace rc
