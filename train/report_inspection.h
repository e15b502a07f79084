// What a detector sees in a test set, on the page: maps of embeddings, and a gallery of its hardest cases.
#pragma once

#include <string>

#include "train/set_inspection.h"

namespace rc {

std::string inspection_section(const std::string& set, const SetInspection&);

}  // namespace rc
