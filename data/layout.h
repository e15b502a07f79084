// The layouts of data sets that load_index knows. To add one: a file layout_<name>.cc, its two functions
// here, a row in index.cc.
#pragma once

#include <filesystem>
#include <map>
#include <set>
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

using Recognise = bool(const std::filesystem::path&, const ReadOptions&);
using Read = Found(const std::filesystem::path&, const ReadOptions&);

Recognise is_pack, is_ffpp, is_dfd, is_celebdf, is_dfdcp, is_deeperforensics, is_class_folders,
    is_dfdc;  // of folders
Read read_pack, read_ffpp, read_dfd, read_celebdf, read_dfdcp, read_deeperforensics, read_class_folders,
    read_dfdc;
Recognise is_jsonl, is_dfb, is_csv;  // of files
Read read_jsonl, read_dfb, read_csv;

// What foreign lists say, for themselves: each throws Error(data) that names the file and what is wrong in
// it.

// Videos of Celeb-DF's List_of_testing_videos.txt: "youtube-real/00170", the folder in lower case.
std::set<std::string> read_celebdf_list(const std::filesystem::path& file);

struct DfdcLabel {
  int label = 0;
  std::string split, original;  // empty where it is not said
};
// By the video's name without its extension.
std::map<std::string, DfdcLabel> read_dfdc_metadata(const std::filesystem::path& file);
std::map<std::string, DfdcLabel> read_dfdc_table(const std::filesystem::path& file);

struct DfdcpEntry {
  std::string path;
  int label = 0;
  std::string split, original;  // the recording that a fake was made from, or empty
};
std::vector<DfdcpEntry> read_dfdcp_list(const std::filesystem::path& file);

}  // namespace rc
