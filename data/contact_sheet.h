// Many small pictures on one sheet, to be looked at.
#pragma once

#include <filesystem>
#include <vector>

#include "data/image.h"

namespace rc {

// Rows of image files of one size, from the top down and from left to right, with thin white lines between.
Image contact_sheet(const std::vector<std::vector<std::filesystem::path>>& rows);

}  // namespace rc
