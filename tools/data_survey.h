// What the commands that look at the files of a data set share.
#pragma once

#include "data/survey.h"

namespace rc {

// survey(), with a line on standard error that counts the videos, where that is a terminal.
Survey survey_of(const Index&, const SurveyOptions&);

}  // namespace rc
