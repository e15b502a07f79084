// Descriptions of GPUs: the known ones, and files.
#include "engine/gpu.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

Json parsed(const std::string& gpu) { return Json::parse(known_gpu(gpu).cudnn_json); }

std::string refusal(const std::string& text) {
  try {
    gpu_of_json(text, "my.json");
  } catch (const Error& error) {
    CHECK(error.code() == Exit::data);
    CHECK(error.where() == "my.json");
    return error.text();
  }
  return "accepted";
}

bool within(double value, double of, double share) { return std::abs(value - of) <= share * of; }

}  // namespace

TEST_SUITE("unit") {
  TEST_CASE("known GPUs are found by name, and a slip of the fingers is named") {
    CHECK(known_gpus() == std::vector<std::string>{"a100", "b200", "h100", "rtx4090"});
    for (const std::string& name : known_gpus()) CHECK(known_gpu(name).memory_bytes > 20e9);
    try {
      known_gpu("h10");
      CHECK(false);
    } catch (const Error& error) {
      CHECK(error.code() == Exit::usage);
      CHECK(error.text().find("did you mean \"h100\"") != std::string::npos);
    }
  }

  TEST_CASE("a file of a known GPU is that GPU") {
    for (const std::string& name : known_gpus()) {
      const Gpu known = known_gpu(name), read = gpu_of_json(known.cudnn_json, "f");
      CHECK(read.name == known.name);
      CHECK(read.capability == known.capability);
      CHECK(read.multiprocessors == known.multiprocessors);
      CHECK(read.memory_bytes == known.memory_bytes);
      CHECK(read.memory_bandwidth == known.memory_bandwidth);
      CHECK(read.fp32 == known.fp32);
      CHECK(read.tf32 == known.tf32);
      CHECK(read.bf16 == known.bf16);
      CHECK(read.cudnn_json == known.cudnn_json);
    }
  }

  TEST_CASE("peaks of a GPU that is not known follow from its clock and its multiprocessors") {
    // GA102 whitepaper, GeForce RTX 3090: 35.6 TFLOPS of fp32 and of TF32, 71 of bf16 with fp32 sums, 936
    // GB/s.
    Json json = parsed("rtx4090");
    json["deviceName"] = "NVIDIA GeForce RTX 3090", json["deviceVer"] = 860, json["multiProcessorCount"] = 82;
    json["smClockRateKHz"] = 1695000, json["memClockRateKHz"] = 9751000;
    CHECK(refusal(json.dump()).find("\"memoryBusWidth\"") != std::string::npos);
    const Gpu gpu = gpu_of_json(with_bus_width(json.dump(), 384), "f");
    CHECK(within(gpu.fp32, 35.6e12, 0.01));
    CHECK(within(gpu.tf32, 35.6e12, 0.01));
    CHECK(within(gpu.bf16, 71e12, 0.01));
    CHECK(within(gpu.memory_bandwidth, 936e9, 0.01));
    CHECK(gpu.cudnn_json.find("memoryBusWidth") == std::string::npos);  // not a key of cuDNN's

    // The known ones by another name. The datasheets of H100 and B200 count tensor cores at a clock that is
    // 8 % and 6 % lower than the highest.
    const int widths[] = {5120, 8192, 5120, 384};
    const double shares[] = {0.01, 0.06, 0.09, 0.01};
    for (size_t i = 0; i < 4; ++i) {
      const Gpu known = known_gpu(known_gpus()[i]);
      json = Json::parse(known.cudnn_json);
      json["deviceName"] = known.name + " Ti";
      const Gpu other = gpu_of_json(with_bus_width(json.dump(), widths[i]), "f");
      CAPTURE(known.name);
      CHECK(within(other.fp32, known.fp32, 0.01));
      CHECK(within(other.tf32, known.tf32, shares[i]));
      CHECK(within(other.bf16, known.bf16, shares[i]));
      CHECK(within(other.memory_bandwidth, known.memory_bandwidth, 0.03));
    }
  }

  TEST_CASE("what is wrong with a file is said") {
    const Json whole = parsed("h100");
    for (const auto& [key, value] : whole.items()) {
      Json json = whole;
      json.erase(key);
      CHECK(refusal(json.dump()).find("\"" + key + "\" is missing") != std::string::npos);
    }
    for (const char* key : {"deviceVer", "multiProcessorCount", "totalGlobalMem"})
      for (const Json& value : {Json(0), Json(-1), Json("132"), Json(), Json::array({1})}) {
        Json json = whole;
        json[key] = value;
        CHECK(refusal(json.dump()).find("not a number above 0") != std::string::npos);
      }
    Json json = whole;
    json["deviceName"] = 100;
    CHECK(refusal(json.dump()).find("\"deviceName\" is not a text") != std::string::npos);
    json["deviceName"] = "NVIDIA Next", json["deviceVer"] = 1500, json["multiProcessorCount"] = 1e300;
    CHECK(refusal(json.dump()).find("rates of deviceVer 1500 are not known") != std::string::npos);
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{"), std::string("\0\xff", 2),
          std::string(1 << 15, '['), std::string(1 << 20, ' ')})
      CHECK(refusal(text) != "accepted");
  }
}

}  // namespace rc
