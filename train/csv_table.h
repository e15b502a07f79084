// A CSV file by the names of its columns.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rc {

struct CsvTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;

  // Empty where there is no such file. Throws Error(data) for rows of different lengths.
  explicit CsvTable(const std::filesystem::path&);
  // The place of a column. Throws Error(data) where there is none of that name.
  size_t column(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

double csv_number(const std::string&);  // NaN for an empty cell

}  // namespace rc
