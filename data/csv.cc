#include "data/csv.h"

#include "engine/error.h"

namespace rc {

std::vector<std::vector<std::string>> parse_csv(std::string_view text, const std::string& name) {
  std::vector<std::vector<std::string>> records;
  size_t line = 1;
  for (size_t i = 0; i < text.size();) {
    std::vector<std::string> record;
    const size_t first_line = line;
    for (bool more = true; more;) {  // one field a round
      std::string field;
      if (i < text.size() && text[i] == '"') {
        for (++i;; ++i) {
          if (i >= text.size())
            throw Error(Exit::data, "open quote in " + name + ":" + std::to_string(first_line));
          if (text[i] == '\n') ++line;
          if (text[i] != '"') {
            field += text[i];
          } else if (i + 1 < text.size() && text[i + 1] == '"') {
            field += text[++i];
          } else {
            ++i;
            break;
          }
        }
      }
      while (i < text.size() && text[i] != ',' && text[i] != '\n') {
        if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') field += text[i];
        ++i;
      }
      record.push_back(std::move(field));
      more = i < text.size() && text[i] == ',';
      if (i < text.size() && text[i] == '\n') ++line;
      ++i;
    }
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace rc
