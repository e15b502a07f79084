#include "tools/data_survey.h"

#include <unistd.h>

#include <cstdio>

namespace rc {

Survey survey_of(const Index& index, const SurveyOptions& options) {
  if (!isatty(STDERR_FILENO)) return survey(index, options);
  const Survey result = survey(index, options, [](size_t done, size_t all) {
    std::fprintf(stderr, "\r%zu of %zu videos", done, all);
    std::fflush(stderr);
  });
  std::fprintf(stderr, "\r\033[K");
  return result;
}

}  // namespace rc
