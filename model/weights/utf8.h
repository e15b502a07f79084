// Whether bytes are text.
#pragma once

#include <string_view>

namespace rc {

// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view);

}  // namespace rc
