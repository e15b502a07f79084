// The layouts of data sets that load_index knows. To add one: a file layout_<name>.cc, two lines here, a row
// in index.cc.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/index.h"

namespace rc {

// What a layout found, unsorted. Videos whose split the layout does not know have an empty one.
struct Found {
  std::vector<Video> videos;
  std::vector<std::string> skipped, remarks;  // as in Index
};

// Whether load_index knows what `path` is without being told.
bool is_data_set(const std::filesystem::path&);

bool is_ffpp(const std::filesystem::path& root);
Found read_ffpp(const std::filesystem::path& root, const ReadOptions&);

bool is_class_folders(const std::filesystem::path& root);
Found read_class_folders(const std::filesystem::path& root, const ReadOptions&);

bool is_jsonl(const std::filesystem::path& file);
Found read_jsonl(const std::filesystem::path& file, const ReadOptions&);

}  // namespace rc
