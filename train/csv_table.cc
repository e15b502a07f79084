#include "train/csv_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/error.h"
#include "engine/file.h"
#include "train/row.h"

namespace rc {

CsvTable::CsvTable(const std::filesystem::path& path) : path_(path) {
  if (!std::filesystem::exists(path)) return;
  rows = parse_csv(read_file(path), path.string());
  if (rows.empty()) return;
  names = std::move(rows[0]);
  rows.erase(rows.begin());
  for (const auto& row : rows)
    if (row.size() != names.size())
      throw Error(Exit::data, "damaged file " + path.string(), "rows of different lengths");
}

size_t CsvTable::column(const std::string& name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw Error(Exit::data, "damaged file " + path_.string(), "no column " + name);
  return size_t(found - names.begin());
}

double csv_number(const std::string& text) {
  double value = NAN;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? value : NAN;
}

}  // namespace rc
