// Folders and images in a folder, in an order that does not depend on the file system.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rc {

// Runs of digits compare as numbers, all else byte by byte: "2" < "012", "frame9" < "frame10". A strict weak
// order.
bool natural_less(std::string_view, std::string_view);

std::string lower_case(std::string_view);  // ASCII, whatever the locale

// Names in natural order; hidden ones (leading dot) are left out, links are followed. Throw Error(data) if
// the folder cannot be read.
std::vector<std::string> folders_in(const std::filesystem::path&);
std::vector<std::string> images_in(const std::filesystem::path&);  // .png .jpg .jpeg .bmp, in any case
std::vector<std::string> videos_in(const std::filesystem::path&);  // .mp4 .avi .mov .mkv .webm, in any case

// Whether a path ends as a video file's does.
bool is_video_name(std::string_view path);

}  // namespace rc
