#include "tests/fuzz/targets.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/dfb_index.h"
#include "data/exif.h"
#include "data/image.h"
#include "data/image_header.h"
#include "data/index.h"
#include "data/layout.h"
#include "data/npy.h"
#include "data/split.h"
#include "engine/cuda/plan_cache.h"
#include "engine/error.h"
#include "engine/file.h"
#include "engine/gpu.h"
#include "engine/sha256.h"
#include "model/weights/npz.h"
#include "model/weights/pytorch.h"
#include "model/weights/safetensors.h"
#include "model/weights/weight_file.h"
#include "model/weights/zip.h"
#include "train/expectation.h"
#include "train/json_settings.h"
#include "train/predictions.h"
#include "train/report_comparison.h"
#include "train/report_evaluation.h"
#include "train/report_training.h"
#include "train/reported_run.h"
#include "train/row.h"
#include "train/scored_set.h"
#include "train/training_state.h"

namespace rc::fuzz {
namespace {

namespace fs = std::filesystem;

// A file for what is read by its path, in a folder of this process.
class File {
 public:
  explicit File(const std::string& name)
      : path_(fs::temp_directory_path() / ("realcentric-fuzz-" + std::to_string(getpid())) / name) {
    fs::create_directories(path_.parent_path());
  }
  ~File() {
    std::error_code ignored;
    fs::remove_all(path_.parent_path(), ignored);
  }
  const fs::path& path() const { return path_; }
  const fs::path& holding(std::string_view bytes) const {
    std::FILE* file = std::fopen(path_.c_str(), "wb");  // write_file would wait for the disk each time
    check(file != nullptr, "a temporary file", path_.string());
    std::fwrite(bytes.data(), 1, bytes.size(), file);
    std::fclose(file);
    return path_;
  }

 private:
  fs::path path_;
};

// What was read is written and read again as the same.
void safetensors(std::string_view bytes) {
  const TensorFile read = decode_safetensors(bytes, "input");
  const std::string again = encode_safetensors(read);
  check(encode_safetensors(decode_safetensors(again, "written")) == again, "safetensors make a round trip");
}

void zip(std::string_view bytes) {
  const Zip archive(bytes, "input");
  std::string room;
  for (const std::string& entry : archive.names()) archive.read(entry, room);
}

// Of whatever format, told by its first bytes.
void weights(std::string_view bytes) { decode_weights(bytes, "input", {.everything = true}); }

// Archives have checksums: behind them lies what fuzzing is for.
void npz(std::string_view bytes) {
  const std::string archive = encode_zip({{"a.npy", std::string(bytes)}});
  const TensorFile read = decode_npz(Zip(archive, "input"), "input");
  const std::string again = encode_npz(read);
  check(encode_npz(decode_npz(Zip(again, "written"), "written")) == again, "npz make a round trip");
}

void pickle(std::string_view bytes) {
  const std::string archive = encode_zip(
      {{"a/data.pkl", std::string(bytes)}, {"a/version", "3\n"}, {"a/data/0", std::string(64, '\1')}});
  const Zip zip(archive, "input");
  for (const bool everything : {false, true}) {
    try {
      decode_pytorch(zip, "input", {.everything = everything});
    } catch (const Error& refused) {
      if (refused.code() != Exit::data) throw;
    }
  }
}

void npy(std::string_view bytes) {
  const NpyArray array = decode_npy(bytes, "input", 1 << 20);
  uint64_t count = 1;
  for (const int64_t extent : array.shape) count *= uint64_t(extent);
  check(array.values.size() == count, "an array has the values of its shape");
}

void index(std::string_view bytes) {
  static const File file("index.jsonl");
  const std::string text = to_jsonl(load_index(file.holding(bytes)));
  check(to_jsonl(load_index(file.holding(text))) == text, "an index makes a round trip");
}

// Read and written for DeepfakeBench, an index of its is what it was, but for the datasets of known labels.
void dfb(std::string_view bytes) {
  static const File file("index.json");
  const Index read = load_index(file.holding(bytes));
  to_dfb(read);
  to_jsonl(read);
}

void csv_index(std::string_view bytes) {
  static const File file("index.csv");
  to_jsonl(load_index(file.holding(bytes)));
}

void celebdf(std::string_view bytes) {
  static const File file("List_of_testing_videos.txt");
  read_celebdf_list(file.holding(bytes));
}

void dfdc(std::string_view bytes) {
  static const File metadata("metadata.json"), table("labels.csv");
  try {
    read_dfdc_metadata(metadata.holding(bytes));
  } catch (const Error& refused) {
    if (refused.code() != Exit::data) throw;
  }
  read_dfdc_table(table.holding(bytes));
}

void dfdcp(std::string_view bytes) {
  static const File file("dataset.json");
  read_dfdcp_list(file.holding(bytes));
}

void header(std::string_view bytes) {
  if (const auto header = image_header(bytes))
    check(header->width > 0 && header->height > 0 && header->jpeg_quality >= 0 && header->jpeg_quality <= 100,
          "an image has a size");
}

// Three lists, of which one is the input: none is missing.
void split_lists(std::string_view bytes) {
  static const File train("train.json"), val("val.json"), test("test.json");
  val.holding("[[\"1\"]]"), test.holding("[[\"2\", \"3\"]]");
  read_split_lists(train.holding(bytes).parent_path());
}

void settings(std::string_view bytes) { parse_json_settings(bytes, "input"); }

void csv(std::string_view bytes) {
  const auto records = parse_csv(bytes, "input");
  std::string text;
  for (const auto& record : records) {
    for (size_t i = 0; i < record.size(); ++i) text += (i ? "," : "") + csv_field(record[i]);
    text += "\n";
  }
  check(parse_csv(text, "written") == records, "CSV makes a round trip");
}

void predictions(std::string_view bytes) {
  static const File file("predictions.csv");
  scored_set(read_predictions(file.holding(bytes)));
}

void expectation(std::string_view bytes) {
  check(!parse_expectation(bytes, "input").numbers.empty(), "what is expected is some number");
}

void image(std::string_view bytes) {
  const Image image = decode_image(bytes, "input", 1 << 16);
  check(image.rgb.size() == size_t(image.height) * size_t(image.width) * 3 && image.height > 0,
        "an image has the pixels of its size");
}

void exif(std::string_view bytes) {
  for (const int orientation : {tiff_orientation(bytes), jpeg_orientation(bytes)})
    check(orientation >= 1 && orientation <= 8, "an orientation is 1..8");
}

void gpu(std::string_view bytes) { gpu_of_json(std::string(bytes), "input"); }

// Files of the cache carry the hash of what they say: behind it lies what fuzzing is for.
void plan_cache(std::string_view bytes) {
  static const std::string key = "conv 1x2x3";
  static const File file("plans/" + sha256(key) + ".plan");
  const PlanCache cache(file.holding(std::string(bytes) + "sha256 " + sha256(bytes) + "\n").parent_path());
  cache.find(key);
  file.holding(bytes);
  cache.find(key);
}

// What a checkpoint says beside its tensors is written and read again as the same.
void training_state(std::string_view bytes) {
  const std::string again = to_json_text(parse_training_state(bytes, "input"));
  check(to_json_text(parse_training_state(again, "written")) == again, "a training state makes a round trip");
}

// The files of a run and of one set, one behind the other with a zero byte between them; the last ones may be
// missing.
void report(std::string_view bytes) {
  static const File config("run/config.json"), steps("run/metrics.jsonl"), epochs("run/metrics.csv");
  static const File results("run/eval/set/results.json"), roc("run/eval/set/roc.csv"),
      predictions("run/eval/set/predictions.csv");
  for (const File* file : {&results, &config, &steps, &epochs, &roc, &predictions}) {
    const std::string_view part = bytes.substr(0, bytes.find('\0'));
    file->holding(file == &config && part.empty() ? "{}" : part);
    bytes.remove_prefix(std::min(bytes.size(), part.size() + 1));
  }
  try {
    const ReportedRun run = read_reported_run(config.path().parent_path());
    const std::vector<ReportedRun> twice = {run, run};
    training_section(run);
    training_section(twice);
    for (const ReportedSet& set : run.sets) evaluation_section(set);
    comparison_section(twice);
  } catch (const nlohmann::json::exception&) {  // the page as a whole says that results are damaged
  }
}

constexpr bool kOfWeights = true;

constexpr std::array kTargets = {
    Target{"safetensors", safetensors, kOfWeights},
    Target{"weights", weights, kOfWeights},
    Target{"zip", zip, kOfWeights},
    Target{"npz", npz, kOfWeights},
    Target{"pickle", pickle, kOfWeights},
    Target{"npy", npy, kOfWeights},
    Target{"index", index},
    Target{"dfb", dfb},
    Target{"csv_index", csv_index},
    Target{"celebdf", celebdf},
    Target{"dfdc", dfdc},
    Target{"dfdcp", dfdcp},
    Target{"image_header", header},
    Target{"split_lists", split_lists},
    Target{"settings", settings},
    Target{"csv", csv},
    Target{"predictions", predictions},
    Target{"expectation", expectation},
    Target{"image", image},
    Target{"exif", exif},
    Target{"gpu", gpu},
    Target{"plan_cache", plan_cache},
    Target{"training_state", training_state},
    Target{"report", report},
};

}  // namespace

std::span<const Target> targets() { return kTargets; }

void read_or_refuse(const Target& target, std::string_view bytes) {
  try {
    target.parse(bytes);
  } catch (const Error& refused) {
    if (refused.code() != Exit::data && refused.code() != Exit::usage) throw;
  }
}

}  // namespace rc::fuzz
