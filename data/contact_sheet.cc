#include "data/contact_sheet.h"

#include <algorithm>

#include "engine/error.h"

namespace rc {

Image contact_sheet(const std::vector<std::vector<std::filesystem::path>>& rows) {
  constexpr int kGap = 2;
  check(!rows.empty() && !rows[0].empty(), "contact sheet without pictures");
  const Image first = read_image(rows[0][0]);
  const int down = first.height + kGap, across = first.width + kGap;
  Image sheet(int(rows.size()) * down - kGap, int(rows[0].size()) * across - kGap);
  std::ranges::fill(sheet.rgb, uint8_t(255));
  for (size_t r = 0; r < rows.size(); ++r)
    for (size_t c = 0; c < rows[r].size(); ++c) {
      const Image tile = read_image(rows[r][c]);
      check(tile.height == first.height && tile.width == first.width && c < rows[0].size(),
            "contact sheet of different sizes");
      for (int y = 0; y < tile.height; ++y)
        std::copy_n(tile.at(y, 0), tile.width * 3, sheet.at(int(r) * down + y, int(c) * across));
    }
  return sheet;
}

}  // namespace rc
