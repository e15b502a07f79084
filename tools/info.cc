// realcentric info: what this program is and what it would run on.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "data/video.h"
#include "engine/build_info.h"
#include "engine/device.h"
#include "engine/error.h"
#include "engine/gpu.h"
#include "tools/command.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  return "unknown";
}

// How a device of that name opens: its description, or why there is none.
Json device_facts(const std::string& name) {
  try {
    return {{"name", name}, {"available", true}, {"description", open_device(name)->description()}};
  } catch (const Error& error) {
    return {{"name", name}, {"available", false}, {"description", error.what()}};
  }
}

Json video_facts() {
  const std::string missing = why_no_video();
  return {{"available", missing.empty()}, {"description", missing.empty() ? video_libraries() : missing}};
}

Json facts() {
  const auto libraries = loaded_libraries();  // before videos bring in theirs
  Json out = {{"version", kVersion},      {"commit", git_id()},
              {"build", build_id()},      {"compiler", compiler()},
              {"processor", processor()}, {"devices", {device_facts("cpu"), device_facts("cuda")}},
              {"videos", video_facts()},  {"libraries", Json::object()}};
  for (const auto& [name, version] : libraries) out["libraries"][name] = version;
  return out;
}

std::string text(const Json& facts) {
  std::string out = "realcentric " + facts["version"].get<std::string>() + "\n";
  const auto line = [&](const std::string& name, const std::string& value) {
    out += name + std::string(12 - name.size(), ' ') + value + "\n";
  };
  for (const char* name : {"commit", "build", "compiler", "processor"}) line(name, facts[name]);
  for (const Json& device : facts["devices"]) line("device", device["description"]);
  line("videos", facts["videos"]["description"]);
  std::string libraries;
  for (const auto& [name, version] : facts["libraries"].items())
    libraries += (libraries.empty() ? "" : ", ") + name + " " + version.get<std::string>();
  line("libraries", libraries);
  return out;
}

}  // namespace

void add_info_command(CLI::App& app) {
  const auto json = std::make_shared<bool>(false);
  const auto gpu = std::make_shared<std::optional<int>>();
  CLI::App* command = app.add_subcommand("info", "Show version, build, libraries and devices");
  command->add_flag("--json", *json, "One JSON object");
  command
      ->add_option_function<int>(
          "--gpu-json", [gpu](int ordinal) { *gpu = ordinal; },
          "The description of GPU N of this machine: a file of it lets any machine plan for this GPU")
      ->type_name("N")
      ->expected(0, 1)
      ->default_str("0")
      ->check(CLI::NonNegativeNumber);
  command->callback([json, gpu] {
    if (*gpu) {
      std::fputs(real_gpu_json(**gpu).c_str(), stdout);
      return;
    }
    const Json known = facts();
    std::fputs((*json ? known.dump(2) + "\n" : text(known)).c_str(), stdout);
  });
}

}  // namespace rc
