// The few elements that a report's page is built of.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rc {

std::string html_escape(const std::string&);

// <name attributes>inside</name>; `name` may bring attributes: "td class=\"left\"".
std::string html_tag(const std::string& name, const std::string& inside);
// A framed part of the page; without a title where that is empty. `inside` is HTML, the title is text.
std::string html_card(const std::string& title, const std::string& inside);
// A number that is meant to be seen first.
std::string html_tile(const std::string& value, const std::string& what);
// A row of a table from cells that are HTML; `cell` is td or th.
std::string html_row(const std::vector<std::string>& cells, const std::string& cell = "td",
                     const std::string& row = "tr");
// Names beside their colours (1..6).
std::string html_legend(const std::vector<std::pair<std::string, int>>& names);
// An image that is part of the page. `type` as "image/jpeg"; the description is text.
std::string html_image(std::string_view bytes, const std::string& type, const std::string& description);

}  // namespace rc
