#include "train/config_schema.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "engine/nearest.h"
#include "train/row.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;
using Pair = std::array<double, 2>;
using List = std::vector<std::string>;

template <class T>
Json number_from(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? Json(value) : Json();
}

// A double whose JSON text is the float's own shortest one: 0.1, not 0.10000000149011612.
double widened(float x) {
  const std::string text = number_text(x);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string choices_text(const ConfigField& field) {
  std::string text;
  for (const std::string& choice : field.choices)
    text += (text.empty() ? "" : "|") + (choice.empty() ? "\"\"" : choice);
  return text;
}

std::string wrong(const std::string& wanted, const Json& value) {
  return "must be " + wanted + ", not " + value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string bad_number(const ConfigField& field, const Json& value) {
  if (!value.is_number()) return wrong(type_name(field), value);
  if (!field.range.holds(value.get<double>())) return wrong(field.range.text(), value);
  return {};
}

// One overload a type of Slot: stores the value, or says what is wrong with it.
std::string store(const ConfigField& field, bool* target, const Json& value) {
  if (!value.is_boolean()) return wrong(type_name(field), value);
  *target = value.get<bool>();
  return {};
}

std::string store(const ConfigField& field, std::string* target, const Json& value) {
  if (!value.is_string()) return wrong(type_name(field), value);
  const std::string text = value.get<std::string>();
  if (!field.choices.empty() &&
      std::find(field.choices.begin(), field.choices.end(), text) == field.choices.end())
    return wrong(choices_text(field), value);
  *target = text;
  return {};
}

std::string store(const ConfigField& field, Pair* target, const Json& value) {
  if (!value.is_array() || value.size() != 2) return wrong(type_name(field), value);
  for (const Json& element : value)
    if (const std::string problem = bad_number(field, element); !problem.empty()) return problem;
  *target = {value[0].get<double>(), value[1].get<double>()};
  return {};
}

std::string store(const ConfigField& field, List* target, const Json& value) {
  if (!value.is_array() ||
      !std::ranges::all_of(value, [](const Json& element) { return element.is_string(); }))
    return wrong(type_name(field), value);
  *target = value.get<List>();
  return {};
}

template <std::floating_point T>
std::string store(const ConfigField& field, T* target, const Json& value) {
  if (const std::string problem = bad_number(field, value); !problem.empty()) return problem;
  *target = value.get<T>();
  return {};
}

template <std::integral T>
std::string store(const ConfigField& field, T* target, const Json& value) {
  if (!value.is_number_integer()) return wrong(type_name(field), value);
  if (const std::string problem = bad_number(field, value); !problem.empty()) return problem;
  const bool fits = value.is_number_unsigned() ? std::in_range<T>(value.get<uint64_t>())
                                               : std::in_range<T>(value.get<int64_t>());
  if (!fits) return wrong("at most " + std::to_string(std::numeric_limits<T>::max()), value);
  *target = value.get<T>();
  return {};
}

// Text as a value of the slot's type; null where it is none.
Json parse(const Slot& slot, std::string_view text) {
  if (std::holds_alternative<std::string*>(slot)) return std::string(text);
  if (std::holds_alternative<bool*>(slot))
    return text == "true" ? Json(true) : text == "false" ? Json(false) : Json();
  if (std::holds_alternative<List*>(slot)) {
    if (text.starts_with('[')) return Json::parse(text, nullptr, false);
    return text.empty() ? Json::array() : Json::array({std::string(text)});
  }
  if (std::holds_alternative<Pair*>(slot)) {
    const size_t comma = std::min(text.find(','), text.size());
    return Json::array(
        {number_from<double>(text.substr(0, comma)),
         number_from<double>(comma < text.size() ? text.substr(comma + 1) : std::string_view())});
  }
  if (std::holds_alternative<double*>(slot) || std::holds_alternative<float*>(slot))
    return number_from<double>(text);
  const Json number = number_from<int64_t>(text);
  return number.is_null() ? number_from<uint64_t>(text) : number;
}

}  // namespace

std::string NumberRange::text() const {
  const bool bounded = high < std::numeric_limits<double>::infinity();
  const std::string from = (open_low ? "above " : "") + number_text(low);
  if (!bounded) return open_low ? from : from + " or more";
  return from + " to " + (open_high ? "below " : "") + number_text(high);
}

const char* type_name(const ConfigField& field) {
  Config config;
  static constexpr const char* kNames[] = {"true or false", "an integer",  "an integer",
                                           "an integer",    "a number",    "a number",
                                           "a string",      "two numbers", "a list of strings"};
  return kNames[field.slot(config).index()];
}

std::string describe(const ConfigField& field) {
  Config config;
  const Slot slot = field.slot(config);
  const bool number = !std::holds_alternative<std::string*>(slot) && !std::holds_alternative<bool*>(slot) &&
                      !std::holds_alternative<List*>(slot);
  const std::string allowed = number ? field.range.text() : choices_text(field);
  const Json value = value_of(field, config);
  const std::string text = value.is_string()                   ? value.get<std::string>()
                           : value.is_array() && value.empty() ? std::string()
                                                               : value.dump();
  std::string bounds = allowed;
  if (!text.empty()) bounds += (bounds.empty() ? "" : "; ") + ("default " + text);
  return field.help + (bounds.empty() ? "" : " [" + bounds + "]");
}

Json value_of(const ConfigField& field, const Config& config) {
  Config copy = config;
  return std::visit(
      [](auto* p) -> Json {
        if constexpr (std::is_same_v<decltype(p), float*>)
          return widened(*p);
        else
          return *p;
      },
      field.slot(copy));
}

std::string assign(const ConfigField& field, Config& config, const Json& value) {
  return std::visit([&](auto* target) { return store(field, target, value); }, field.slot(config));
}

std::string assign_text(const ConfigField& field, Config& config, std::string_view text) {
  const Json value = parse(field.slot(config), text);
  const bool unreadable =
      value.is_null() || value.is_discarded() ||
      (std::holds_alternative<Pair*>(field.slot(config)) && (value[0].is_null() || value[1].is_null()));
  return unreadable ? wrong(type_name(field), std::string(text)) : assign(field, config, value);
}

const ConfigField* find_field(std::string_view key) {
  for (const ConfigField& field : config_fields())
    if (field.key == key) return &field;
  return nullptr;
}

std::string nearest_key(std::string_view key) {
  const bool dotted = key.find('.') != std::string_view::npos;
  std::vector<std::string> names;
  for (const ConfigField& field : config_fields()) {
    const std::string name = field.key;
    names.push_back(dotted ? name : name.substr(name.rfind('.') + 1));
  }
  const std::string found = nearest(key, names);
  if (found.empty()) return {};
  return config_fields()[size_t(std::find(names.begin(), names.end(), found) - names.begin())].key;
}

}  // namespace rc
