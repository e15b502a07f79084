// Drawn people, where no photograph is at hand: faces whose landmarks are known because they were drawn from
// them. For tests and for trying the whole path; nobody should take them for portraits.
#pragma once

#include <cstdint>
#include <filesystem>

#include "data/people.h"

namespace rc {

// Person `number` of a seed: shape, colours, hair, light and background are their own. size x size pixels,
// placed as aligned crops are. number below 65536.
Person draw_person(uint64_t seed, uint32_t number, int size);

// Writes a folder of prepared faces as a whole.
void draw_people(const std::filesystem::path& out, int people, int size, uint64_t seed, bool replace);

}  // namespace rc
