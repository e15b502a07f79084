// The table itself, in the order of the help and of the resolved configuration.
#include "train/config_schema.h"

#include "data/augment.h"
#include "data/index.h"
#include "data/resize.h"
#include "model/backbone.h"

namespace rc {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr NumberRange kAny = {};
constexpr NumberRange kAbove0 = {0, kInfinity, true, false};
constexpr NumberRange kShare = {0, 1, false, false};
constexpr NumberRange kShareOrPreset = {-1, 1, false, false};
constexpr NumberRange kBelow1 = {0, 1, false, true};
constexpr NumberRange from(double low, double high = kInfinity) { return {low, high, false, false}; }

// The setting in one of Config's own members, or in a member of its groups.
template <auto Member>
Slot at(Config& c) {
  return &(c.*Member);
}
template <auto Group, auto Member>
Slot at(Config& c) {
  return &(c.*Group.*Member);
}
template <auto Member>
Slot read(Config& c) {
  return &(c.data.read.*Member);
}

std::vector<std::string> format_names() {
  std::vector<std::string> names = {""};
  for (const IndexFormat& format : index_formats()) names.push_back(format.name);
  return names;
}

}  // namespace

std::span<const ConfigField> config_fields() {
  using C = Config;
  // One row a setting.
  // clang-format off
  static const std::vector<ConfigField> fields = {
      {"out", "-o,--out", at<&C::out>, kAny, {}, "run folder; empty: runs/<time>-<model>"},
      {"seed", "--seed", at<&C::seed>, from(0), {}, "of every random draw"},
      {"device", "--device", at<&C::device>, kAny, {}, "auto, cpu or cuda:N"},
      {"precision", "--precision", at<&C::precision>, kAny, {"fp32", "tf32", "bf16"},
       "of activations and weight copies; master weights, statistics and losses are fp32. tf32: fp32 whose products a GPU rounds to TF32"},
      {"workspace_limit", "--workspace-limit", at<&C::workspace_limit>, from(0, 1 << 20), {},
       "MiB of scratch memory that one convolution or GEMM may take"},
      {"recompute", "--recompute", at<&C::recompute>, kAny, {},
       "blocks of the backbone computed again on the way back instead of kept: none, blocks (all), N from the input on, or auto:BYTES, such as auto:6G, the fewest with which a step takes no more"},
      {"threads", "--threads", at<&C::threads>, from(0, 1024), {},
       "of the CPU device, part of what makes a run reproducible; 0: one per core"},
      {"max_steps", "--max-steps", at<&C::max_steps>, from(0), {},
       "stop after this step, the schedule unchanged; 0: run to the end"},
      {"time_limit", "--time-limit", at<&C::time_limit>, from(0), {},
       "seconds after which to write a checkpoint and stop; 0: none"},

      {"data.path", "--data", at<&C::data, &C::Data::path>, kAny, {},
       "data set: its folder, or an index of it"},
      {"data.format", "--format", read<&ReadOptions::format>, kAny, format_names(),
       "how it is laid out; empty: told by what is there"},
      {"data.comp", "--comp", read<&ReadOptions::compression>, kAny, {"", "raw", "c0", "c23", "c40"},
       "compression level, raw is c0; empty: the only one there is"},
      {"data.root", "--data-root", read<&ReadOptions::root>, kAny, {},
       "folder that relative paths of an index begin at; empty: the index's own"},
      {"data.path_map", "--path-map", read<&ReadOptions::path_maps>, kAny, {},
       "OLD=NEW: files that an index has in OLD lie in NEW; may be given often"},
      {"data.splits", "--splits", read<&ReadOptions::splits>, kAny, {},
       "folder of train.json, val.json and test.json that decide who is in which split; empty: the set's own"},
      {"data.labels", "--label", read<&ReadOptions::labels>, kAny, {},
       "NAME=0 or NAME=1: a class of your own is real or fake; may be given often"},
      {"data.frames_per_video", "--frames-per-video", at<&C::data, &C::Data::frames_per_video>, from(0), {},
       "evenly spaced; 0: all"},
      {"data.img_size", "--img-size,--size", at<&C::data, &C::Data::img_size>, from(32, 1024), {},
       "side of the network's input in pixels"},
      {"data.resize", "--resize", at<&C::data, &C::Data::resize>, kAny, resampling_names(),
       "how images are brought to that size; of PIL and antialiased, or of OpenCV (DeepfakeBench: cv2-cubic)"},
      {"data.jpeg_scale", "--jpeg-scale", at<&C::data, &C::Data::jpeg_scale>, kAny, {},
       "decode JPEGs at 1/2, 1/4 or 1/8 where both sides stay as long as that: faster, other pixels"},
      {"data.workers", "-j,--workers", at<&C::data, &C::Data::workers>, from(1, 256), {},
       "threads that decode and augment; the batches do not depend on it"},
      {"data.prefetch", "--prefetch", at<&C::data, &C::Data::prefetch>, from(1, 256), {},
       "batches kept ready"},

      {"model.name", "--model", at<&C::model, &C::Model::name>, kAny, backbone_names(), "backbone"},
      {"model.embed_dim", "--embed-dim", at<&C::model, &C::Model::embed_dim>, from(2, 4096), {},
       "dimensions of the projected embedding"},
      {"model.projection", "--projection", at<&C::model, &C::Model::projection>, kAny, {"mlp", "mlp-bn"},
       "head of the embedding; mlp-bn: with batch norm, so that a batch cannot shrink to a point"},
      {"model.init", "--init", at<&C::model, &C::Model::init>, kAny, {},
       "file of weights that the backbone begins with: .safetensors, .npz, .pth, or a run; empty: random ones"},
      {"model.dropout", "--dropout", at<&C::model, &C::Model::dropout>, {-1, 1, false, true}, {},
       "probability that a feature does not reach the classifier; below 0: as published for the backbone"},
      {"model.drop_path", "--drop-path", at<&C::model, &C::Model::drop_path>, {-1, 1, false, true}, {},
       "probability that the last residual block is left out (stochastic depth), less before it; below 0: as published"},

      {"loss.objective", "--objective", at<&C::loss, &C::Loss::objective>, kAny, {"full", "supcon", "scl", "core", "ce"},
       "full: cross-entropy and the real-centric contrastive margin loss; ce: cross-entropy alone; supcon, scl, core: controls"},
      {"loss.temperature", "--temperature", at<&C::loss, &C::Loss::temperature>, kAbove0, {},
       "tau"},
      {"loss.margin", "--margin", at<&C::loss, &C::Loss::margin>, kShare, {},
       "m, by which positives must lie above negatives"},
      {"loss.form", "--loss-form", at<&C::loss, &C::Loss::form>, kAny, {"D1", "D2"},
       "D1: positives share one denominator (SupCon); D2: each positive against the negatives alone"},
      {"loss.margin_type", "--margin-type", at<&C::loss, &C::Loss::margin_type>, kAny, {"cos", "arc"},
       "subtracted from the cosine, or added to the angle"},
      {"loss.beta", "--beta", at<&C::loss, &C::Loss::beta>, kShare, {},
       "weight of the contrastive loss after the warm-up; cross-entropy has 1 - beta"},
      {"loss.warmup_share", "--loss-warmup", at<&C::loss, &C::Loss::warmup_share>, kShare, {},
       "share of all steps with cross-entropy alone"},
      {"loss.pair_weight", "--pair-weight", at<&C::loss, &C::Loss::pair_weight>, kAbove0, {},
       "w, weight of positives of the anchor's own tuple"},
      {"loss.pair_negatives", "--pair-negatives", at<&C::loss, &C::Loss::pair_negatives>, kAbove0, {},
       "nu, factor of negatives of the anchor's own tuple in the softmax"},
      {"loss.centres", "--centres", at<&C::loss, &C::Loss::centres>, from(1, 256), {},
       "centres of natural faces"},
      {"loss.centre_by", "--centre-by", at<&C::loss, &C::Loss::centre_by>, kAny, {"nearest", "view"},
       "an embedding belongs to the nearest centre, or to that of its view"},
      {"loss.centre_momentum", "--centre-momentum", at<&C::loss, &C::Loss::centre_momentum>, kBelow1, {},
       "of the moving centres"},
      {"loss.hard_positive_share", "--hard-positive-share", at<&C::loss, &C::Loss::hard_positive_share>, kShare, {},
       "rho, share of the class that is mined and extrapolated; 0: no hard positives"},
      {"loss.hard_positive_start", "--hard-positive-start", at<&C::loss, &C::Loss::hard_positive_start>, kShare, {},
       "share of all steps after which hard positives take part"},
      {"loss.extrapolation", "--extrapolation", at<&C::loss, &C::Loss::extrapolation>, kAny, {"linear", "geodesic"},
       "away from the centre, on a line or on the sphere"},
      {"loss.hard_positive_role", "--hard-positive-role", at<&C::loss, &C::Loss::hard_positive_role>, kAny, {"key", "anchor"},
       "what an extrapolated embedding is to the loss"},
      {"loss.hard_positive_grad", "--hard-positive-grad", at<&C::loss, &C::Loss::hard_positive_grad>, kAny, {"flow", "detach"},
       "whether gradient flows through it to its source"},
      {"loss.hard_positive_classes", "--hard-positive-classes", at<&C::loss, &C::Loss::hard_positive_classes>, kAny, {"real", "both"},
       "both: fakes nearest to the centre are moved on towards it as well"},
      {"loss.hard_negatives", "--hard-negatives", at<&C::loss, &C::Loss::hard_negatives>, from(0, 4096), {},
       "N_h, how many of the hardest are fused"},
      {"loss.fused_pairs", "--fused-pairs", at<&C::loss, &C::Loss::fused_pairs>, from(0, 4096), {},
       "S1, mixtures of two hard negatives"},
      {"loss.fused_centre", "--fused-centre", at<&C::loss, &C::Loss::fused_centre>, from(0, 4096), {},
       "S2, mixtures of a hard fake and the centre"},
      {"loss.hard_negative_start", "--hard-negative-start", at<&C::loss, &C::Loss::hard_negative_start>, kShare, {},
       "share of all steps after which fused negatives take part"},
      {"loss.hard_set", "--hard-set", at<&C::loss, &C::Loss::hard_set>, kAny, {"global", "anchor"},
       "global: fakes nearest to the centre; anchor: the most similar of each anchor"},
      {"loss.hard_negative_grad", "--hard-negative-grad", at<&C::loss, &C::Loss::hard_negative_grad>, kAny, {"flow", "detach"},
       "whether gradient flows through fused negatives to what they are made of"},
      {"loss.hard_negative_classes", "--hard-negative-classes", at<&C::loss, &C::Loss::hard_negative_classes>, kAny, {"real", "both"},
       "both: hard reals are fused for fake anchors as well"},
      {"loss.queue", "--queue", at<&C::loss, &C::Loss::queue>, from(0, 1 << 20), {},
       "fakes of earlier steps that hard negatives are mined from as well"},
      {"loss.scl_margin", "--scl-margin", at<&C::loss, &C::Loss::scl_margin>, from(0), {},
       "m of the single-centre loss (objective scl)"},
      {"loss.scl_weight", "--scl-weight", at<&C::loss, &C::Loss::scl_weight>, from(0), {},
       "lambda of the single-centre loss beside cross-entropy"},
      {"loss.core_weight", "--core-weight", at<&C::loss, &C::Loss::core_weight>, from(0), {},
       "weight of the consistency of two views beside cross-entropy (objective core)"},

      {"sampler.pairing", "--pairing", at<&C::sampler, &SamplerOptions::pairing>, kAny, {"auto", "tuple", "balanced"},
       "tuple: a target, its source and forgeries of both; auto: where the data knows them"},
      {"sampler.method_pair", "--method-pair", at<&C::sampler, &SamplerOptions::method_pair>, kAny, {"any", "cross", "same"},
       "which two forgery methods a tuple takes"},
      {"sampler.batch", "-b,--batch-size", at<&C::sampler, &SamplerOptions::batch>, from(2, 65536), {},
       "images per view, half of them real"},
      {"sampler.views", "--views", at<&C::sampler, &SamplerOptions::views>, from(1, 2), {},
       "of each image, each augmented by draws of its own as aug.preset says"},

      {"optim.name", "--opt", at<&C::optim, &C::Optim::name>, kAny, {"adam", "adamw", "sgd"}, "optimiser"},
      {"optim.lr", "--lr", at<&C::optim, &C::Optim::lr>, kAbove0, {}, "learning rate"},
      {"optim.weight_decay", "--weight-decay", at<&C::optim, &C::Optim::weight_decay>, from(0), {},
       "L2 for adam and sgd, decoupled for adamw"},
      {"optim.momentum", "--momentum", at<&C::optim, &C::Optim::momentum>, kBelow1, {}, "of sgd"},
      {"optim.betas", "--opt-betas", at<&C::optim, &C::Optim::betas>, kBelow1, {}, "of adam and adamw"},
      {"optim.eps", "--opt-eps", at<&C::optim, &C::Optim::eps>, kAbove0, {}, "of adam and adamw"},
      {"optim.clip_grad", "--clip-grad", at<&C::optim, &C::Optim::clip_grad>, from(0), {},
       "largest norm of the whole gradient; 0: no clipping"},
      {"optim.sched", "--sched", at<&C::optim, &C::Optim::sched>, kAny, {"const", "cosine", "step"},
       "how the learning rate changes after the warm-up"},
      {"optim.warmup_epochs", "--warmup-epochs", at<&C::optim, &C::Optim::warmup_epochs>, from(0), {},
       "linear warm-up of the learning rate; may be a fraction"},
      {"optim.min_lr", "--min-lr", at<&C::optim, &C::Optim::min_lr>, from(0), {}, "where cosine ends"},
      {"optim.decay_epochs", "--decay-epochs", at<&C::optim, &C::Optim::decay_epochs>, kAbove0, {},
       "of step: epochs between two decays"},
      {"optim.decay_rate", "--decay-rate", at<&C::optim, &C::Optim::decay_rate>, {0, 1, true, false}, {},
       "of step: what the learning rate is multiplied by"},
      {"optim.epochs", "--epochs", at<&C::optim, &C::Optim::epochs>, from(1), {}, "length of the run"},
      {"optim.steps", "--steps", at<&C::optim, &C::Optim::steps>, from(0), {},
       "length of the run in steps instead of epochs; 0: epochs decide"},
      {"optim.ema_decay", "--ema-decay", at<&C::optim, &C::Optim::ema_decay>, kBelow1, {},
       "of the average of the weights that is evaluated; 0: no average"},

      {"aug.preset", "--aug", at<&C::aug, &C::Aug::preset>, kAny, augmentation_presets(),
       "recipe for training images; dfb: DeepfakeBench's, after a light first view; sbi: reals and themselves self-blended; core-raaug: CORE's"},
      {"aug.flip", "--hflip", at<&C::aug, &C::Aug::flip>, kShareOrPreset, {},
       "probability of a mirror image; below 0: the preset's"},
      {"aug.crop", "--crop", at<&C::aug, &C::Aug::crop>, {-1, 0.9, false, false}, {},
       "largest share of a side that is cropped away; below 0: the preset's"},
      {"aug.blur", "--blur", at<&C::aug, &C::Aug::blur>, kShareOrPreset, {},
       "probability of a Gaussian blur; below 0: the preset's"},
      {"aug.colour", "--color-jitter", at<&C::aug, &C::Aug::colour>, kShareOrPreset, {},
       "probability of a change of brightness and contrast, hue and saturation, or along the image's colours; below 0: the preset's"},
      {"aug.jpeg", "--jpeg", at<&C::aug, &C::Aug::jpeg>, kShareOrPreset, {},
       "probability of a JPEG round trip; below 0: the preset's"},
      {"aug.jpeg_quality_min", "--jpeg-quality-min", at<&C::aug, &C::Aug::jpeg_quality_min>, from(-1, 100), {},
       "lowest quality of the round trip; below 0: the preset's"},
      {"aug.jpeg_quality_max", "--jpeg-quality-max", at<&C::aug, &C::Aug::jpeg_quality_max>, from(-1, 100), {},
       "highest quality of the round trip; below 0: the preset's"},

      {"log.interval", "--log-interval", at<&C::log, &C::Log::interval>, from(1), {},
       "steps between two lines of the log"},
      {"log.progress", "--progress", at<&C::log, &C::Log::progress>, kAny, {"auto", "bar", "plain", "none"},
       "auto: a bar on a terminal, plain lines otherwise"},
      {"log.tensorboard", "--tb", at<&C::log, &C::Log::tensorboard>, kAny, {},
       "write the numbers of the log into an events file for TensorBoard as well"},
      {"val.interval", "--val-interval", at<&C::val_interval>, from(1), {}, "epochs between two validations"},
      {"checkpoint.interval", "--checkpoint-every", at<&C::checkpoint_interval>, from(0), {},
       "steps between two checkpoints; 0: at the end of each epoch"},
  };
  // clang-format on
  return fields;
}

}  // namespace rc
