// Everything that decides a run, as plain values. The defaults are the method's; config_schema.h describes
// each field, and load_config fills them from files, --set and flags.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "data/index.h"
#include "data/sampler.h"

namespace rc {

struct Config {
  std::string out;  // run folder; empty: runs/<time>-<model>
  uint64_t seed = 42;
  std::string device = "auto";     // auto | cpu | cuda:N
  std::string precision = "fp32";  // fp32 | tf32 | bf16
  int workspace_limit = 1024;      // MiB of scratch memory for one convolution or GEMM
  std::string recompute = "none";  // none | blocks | N | auto:BYTES (train/recompute.h)
  int threads = 0;                 // of the CPU device; 0: one per core
  int64_t max_steps = 0;           // stop after this step, the schedule unchanged; 0: run to the end
  double time_limit = 0;           // seconds; 0: none

  struct Data {
    std::string path;  // whatever load_index reads
    ReadOptions read;
    int frames_per_video = 32;  // evenly spaced; 0: all
    int img_size = 224;
    std::string resize = "pil-bilinear";  // of resampling_names
    bool jpeg_scale = false;
    int workers = 2;
    int prefetch = 4;  // batches
  } data;

  struct Model {
    std::string name = "resnet18";
    int embed_dim = 128;
    std::string projection = "mlp";  // mlp | mlp-bn
    std::string init;                // file of weights that the backbone begins with; empty: random ones
    double dropout = -1;             // before the classifier; below 0: as published for the backbone
    double drop_path = -1;           // stochastic depth; likewise
  } model;

  // The reconstruction's objective: (1 - beta) * cross-entropy + beta * contrastive margin loss; and
  // controls.
  struct Loss {
    std::string objective = "full";  // full | supcon | scl | core | ce
    double temperature = 0.1;
    double margin = 0.2;
    std::string form = "D1";          // D1 | D2
    std::string margin_type = "cos";  // cos | arc
    double beta = 0.5;                // after the warm-up; 0 during it
    double warmup_share = 0.1;        // of all steps, cross-entropy alone
    double pair_weight = 1;           // w, of positives of the anchor's own tuple
    double pair_negatives = 1;        // nu, factor of negatives of the anchor's own tuple

    int centres = 1;                    // of natural faces
    std::string centre_by = "nearest";  // nearest | view
    double centre_momentum = 0.9;

    double hard_positive_share = 0.25;           // rho, of the class; 0: none
    double hard_positive_start = 0.2;            // share of all steps before them
    std::string extrapolation = "linear";        // linear | geodesic
    std::string hard_positive_role = "key";      // key | anchor
    std::string hard_positive_grad = "flow";     // flow | detach
    std::string hard_positive_classes = "real";  // real | both

    int hard_negatives = 8;                      // N_h, rows of a hard set
    int fused_pairs = 16;                        // S1, mixtures of two hard negatives
    int fused_centre = 8;                        // S2, mixtures of a hard negative and the centre
    double hard_negative_start = 0.2;            // share of all steps before them
    std::string hard_set = "global";             // global | anchor
    std::string hard_negative_grad = "flow";     // flow | detach
    std::string hard_negative_classes = "real";  // real | both
    int queue = 0;                               // fakes of earlier steps, mined as well

    double scl_margin = 0.3, scl_weight = 0.5;  // m and lambda of the single-centre loss
    double core_weight = 1;                     // of the cosine consistency of two views
  } loss;

  SamplerOptions sampler;  // its seed is `seed`

  struct Optim {
    std::string name = "adam";  // adam | adamw | sgd
    double lr = 2e-4;
    double weight_decay = 5e-4;
    double momentum = 0.9;  // sgd
    std::array<double, 2> betas = {0.9, 0.999};
    double eps = 1e-8;
    double clip_grad = 5;         // largest global gradient norm; 0: no clipping
    std::string sched = "const";  // const | cosine | step
    double warmup_epochs = 0;     // linear, from 0 to lr
    double min_lr = 0;            // where cosine ends
    double decay_epochs = 5;      // step: every so many epochs ...
    double decay_rate = 0.1;      // ... the rate is multiplied by this
    int epochs = 10;
    int64_t steps = 0;     // length of the schedule; 0: `epochs` decides
    double ema_decay = 0;  // of the weights that are evaluated; 0: no average
  } optim;

  // Of training images; where a number is below 0, it is the preset's own.
  struct Aug {
    std::string preset = "dfb";  // of preset_views
    float flip = -1, crop = -1, blur = -1, colour = -1, jpeg = -1;
    int jpeg_quality_min = -1, jpeg_quality_max = -1;
  } aug;

  struct Log {
    int interval = 50;              // steps between lines
    std::string progress = "auto";  // auto | bar | plain | none
    bool tensorboard = true;        // an events file in the run folder
  } log;
  int val_interval = 1;         // epochs between validations
  int checkpoint_interval = 0;  // steps between checkpoints; 0: at the end of each epoch
};

// What the user gave, weakest first: defaults < what `file` extends < `file` < `set` < `flags`.
struct ConfigSources {
  std::filesystem::path file;                              // empty: none
  std::vector<std::string> set;                            // "optim.lr=0.01"
  std::vector<std::pair<std::string, std::string>> flags;  // key and the text given for it
};

// The checked configuration. Throws Error(usage) that lists every problem of all sources at once: unknown
// keys with the nearest valid one and their line, wrong types, ranges, contradictions.
Config load_config(const ConfigSources&);

// The resolved configuration: every field, nested. Loading it gives the same Config back.
nlohmann::ordered_json to_json(const Config&);

}  // namespace rc
