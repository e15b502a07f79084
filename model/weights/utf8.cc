#include "model/weights/utf8.h"

#include <cstddef>
#include <cstdint>

namespace rc {

bool is_utf8(std::string_view s) {
  for (size_t i = 0; i < s.size();) {
    const uint8_t first = uint8_t(s[i]);
    const size_t more = first < 0x80       ? 0
                        : first >> 5 == 6  ? 1
                        : first >> 4 == 14 ? 2
                        : first >> 3 == 30 ? 3
                                           : 4;
    if (more == 4 || more >= s.size() - i) return false;
    uint32_t code = more == 0 ? first : first & (0x3fu >> more);
    for (size_t j = 1; j <= more; ++j) {
      if ((uint8_t(s[i + j]) & 0xc0) != 0x80) return false;
      code = code << 6 | (uint8_t(s[i + j]) & 0x3f);
    }
    constexpr uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
    if (code < kLeast[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    i += more + 1;
  }
  return true;
}

}  // namespace rc
