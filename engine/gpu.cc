#include "engine/gpu.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/nearest.h"

namespace rc {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kBusWidth = "memoryBusWidth";  // bits; our own addition to cuDNN's keys
constexpr size_t kLargest = 64 << 10;                // bytes of a description; real ones have 700

// What differs between GPUs in cuDNN's description, and the peaks that their makers state.
struct Known {
  const char* key;
  const char* name;  // as the driver gives it
  int capability, multiprocessors;
  int64_t clock, memory_clock;  // kHz
  int bus_width;                // bits
  int64_t l2, shared_optin;     // bytes
  int blocks, threads;          // of a multiprocessor at once
  int64_t memory;               // bytes
  double memory_bandwidth;      // bytes a second
  double fp32, tf32, bf16;      // dense FLOP/s
};

// Occupancy limits: CUDA C++ Programming Guide, table "Technical Specifications per Compute Capability".
constexpr std::array<Known, 4> kKnown = {{
    // NVIDIA A100 Tensor Core GPU datasheet, SXM 80 GB; clocks and cache: A100 architecture whitepaper.
    {"a100", "NVIDIA A100-SXM4-80GB", 80, 108, 1410000, 1593000, 5120, 40 << 20, 163 << 10, 32, 2048,
     85175500800, 2.039e12, 19.5e12, 156e12, 312e12},
    // NVIDIA HGX and DGX B200 datasheets, an eighth of the eight GPUs' sum; sparse peaks halved.
    {"b200", "NVIDIA B200", 100, 148, 1965000, 3996000, 8192, 132644864, 227 << 10, 32, 2048, 191000000000,
     8.0e12, 75e12, 1.125e15, 2.25e15},
    // NVIDIA H100 Tensor Core GPU datasheet, SXM; sparse peaks halved.
    {"h100", "NVIDIA H100 80GB HBM3", 90, 132, 1980000, 2619000, 5120, 50 << 20, 227 << 10, 32, 2048,
     85045084160, 3.35e12, 67e12, 494.7e12, 989.4e12},
    // NVIDIA Ada GPU architecture whitepaper, GeForce RTX 4090, tensor cores with fp32 sums.
    {"rtx4090", "NVIDIA GeForce RTX 4090", 89, 128, 2520000, 10501000, 384, 72 << 20, 99 << 10, 24, 1536,
     25300000000, 1.008e12, 82.6e12, 82.6e12, 165.2e12},
}};

// In the order and with the keys of CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION.
Json description(const Known& g) {
  return {{"maxGridSize", {2147483647, 65535, 65535}},
          {"maxBlockSize", {1024, 1024, 64}},
          {"regsPerBlock", 65536},
          {"multiProcessorCount", g.multiprocessors},
          {"smClockRateKHz", g.clock},
          {"memClockRateKHz", g.memory_clock},
          {"l2CacheSize", g.l2},
          {"warpSize", 32},
          {"maxSharedMemoryPerBlock", 48 << 10},
          {"maxSharedMemoryPerBlockOptin", g.shared_optin},
          {"reservedSharedMemoryPerBlock", 1024},
          {"maxRegistersPerSM", 65536},
          {"pciDeviceId", 0},
          {"maxCtasPerSM", g.blocks},
          {"maxThreadsPerBlock", 1024},
          {"maxThreadsPerSM", g.threads},
          {"isTccDriver", 0},
          {"supportCoopLaunch", 1},
          {"deviceName", g.name},
          {"deviceVer", g.capability * 10},
          {"driverVer", 13000},
          {"totalGlobalMem", g.memory},
          {"cudaDeviceId", 0}};
}

// Dense FLOPs that a multiprocessor does in a clock, a fused multiply-add as two. From the whitepapers of the
// architectures. GeForce cards of the same capability add tensor-core products in fp32 at half the rate.
struct Rates {
  int capability;
  double fp32, tf32, bf16;
};
constexpr std::array<Rates, 7> kRates = {{{80, 128, 1024, 2048},
                                          {86, 256, 512, 1024},
                                          {89, 256, 512, 1024},
                                          {90, 256, 2048, 4096},
                                          {100, 256, 4096, 8192},
                                          {103, 256, 4096, 8192},
                                          {120, 256, 512, 1024}}};

[[noreturn]] void refuse(const std::string& what, const std::string& where, const std::string& hint = {}) {
  throw Error(Exit::data, what, where, hint);
}

double positive(const Json& json, const char* key, const std::string& where) {
  const auto it = json.find(key);
  if (it == json.end() || !it->is_number() || it->get<double>() <= 0)
    refuse(std::string("\"") + key + "\" is not a number above 0", where);
  return it->get<double>();
}

Rates rates_of(const Gpu& gpu, const std::string& where) {
  std::string all;
  for (const Rates& r : kRates) {
    if (r.capability == gpu.capability) {
      const double tensor = gpu.name.find("GeForce") != std::string::npos ? 0.5 : 1;
      return {r.capability, r.fp32, r.tf32 * tensor, r.bf16 * tensor};
    }
    all += (all.empty() ? "" : ", ") + std::to_string(r.capability * 10);
  }
  refuse("the peak rates of deviceVer " + std::to_string(gpu.capability * 10) + " are not known", where,
         "known are " + all);
}

}  // namespace

std::vector<std::string> known_gpus() {
  std::vector<std::string> names;
  for (const Known& g : kKnown) names.push_back(g.key);
  return names;
}

Gpu known_gpu(const std::string& name) {
  for (const Known& g : kKnown)
    if (name == g.key)
      return {.name = g.name,
              .capability = g.capability,
              .multiprocessors = g.multiprocessors,
              .memory_bytes = double(g.memory),
              .memory_bandwidth = g.memory_bandwidth,
              .fp32 = g.fp32,
              .tf32 = g.tf32,
              .bf16 = g.bf16,
              .cudnn_json = description(g).dump(1)};
  std::string all;
  for (const std::string& known : known_gpus()) all += (all.empty() ? "" : ", ") + known;
  const std::string close = nearest(name, known_gpus());
  throw Error(Exit::usage,
              "unknown GPU \"" + name + "\"" + (close.empty() ? "" : "; did you mean \"" + close + "\"?"), {},
              "known are " + all + "; any other by a file of its description (realcentric info --gpu-json)");
}

Gpu gpu_of_json(const std::string& text, const std::string& where) {
  if (text.size() > kLargest) refuse("too long for the description of a GPU", where);
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) refuse("not a JSON object", where, "realcentric info --gpu-json writes one");
  const Json whole = description(kKnown[0]);
  for (const auto& [key, value] : whole.items())
    if (!json.contains(key)) refuse("\"" + key + "\" is missing", where);
  if (!json["deviceName"].is_string()) refuse("\"deviceName\" is not a text", where);

  Gpu gpu = {.name = json["deviceName"].get<std::string>(),
             .capability = int(std::min(positive(json, "deviceVer", where) / 10, 1e6)),
             .multiprocessors = int(std::min(positive(json, "multiProcessorCount", where), 1e6)),
             .memory_bytes = positive(json, "totalGlobalMem", where),
             .cudnn_json = {}};
  const auto known = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& g) {
    return g.name == gpu.name && g.capability == gpu.capability && g.multiprocessors == gpu.multiprocessors;
  });
  if (known != kKnown.end()) {
    gpu.fp32 = known->fp32, gpu.tf32 = known->tf32, gpu.bf16 = known->bf16;
    gpu.memory_bandwidth = known->memory_bandwidth;
  } else {
    const Rates rates = rates_of(gpu, where);
    const double clocks = gpu.multiprocessors * positive(json, "smClockRateKHz", where) * 1e3;
    gpu.fp32 = rates.fp32 * clocks, gpu.tf32 = rates.tf32 * clocks, gpu.bf16 = rates.bf16 * clocks;
    if (!json.contains(kBusWidth))
      refuse(std::string("\"") + kBusWidth + "\" is missing, so the memory's bandwidth is not known", where,
             std::string("add the width of the memory bus in bits: \"") + kBusWidth + "\": 384");
    const double transfers = 2e3 * positive(json, "memClockRateKHz", where);  // two a clock
    gpu.memory_bandwidth = transfers * positive(json, kBusWidth, where) / 8;
  }
  json.erase(kBusWidth);
  gpu.cudnn_json = json.dump(1);
  return gpu;
}

std::string with_bus_width(const std::string& cudnn_json, int bits) {
  Json json = Json::parse(cudnn_json, nullptr, false);
  check(json.is_object(), "cuDNN describes a GPU as a JSON object");
  json[kBusWidth] = bits;
  return json.dump(1) + "\n";
}

}  // namespace rc
