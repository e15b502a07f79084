#include "train/detector_config.h"

#include "train/recompute.h"

namespace rc {

DetectorOptions detector_options(const Config& c) {
  const Config::Loss& l = c.loss;
  DetectorOptions d;
  d.backbone = c.model.name;
  d.dropout = float(c.model.dropout);
  d.drop_path = float(c.model.drop_path);
  d.embed_dim = c.model.embed_dim;
  d.projection = c.model.projection == "mlp" ? Projection::mlp : Projection::mlp_norm;
  d.objective = l.objective == "ce"     ? Objective::cross_entropy
                : l.objective == "scl"  ? Objective::single_centre
                : l.objective == "core" ? Objective::consistency
                                        : Objective::real_centric;
  d.single_centre_margin = float(l.scl_margin);
  d.keys.centres = l.centres;
  d.keys.centre_per_view = l.centre_by == "view";
  d.keys.centre_keep = float(l.centre_momentum);
  d.loss.temperature = float(l.temperature);
  if (l.objective == "supcon") {
    d.keys.share = 0, d.keys.hard_fakes = 0, d.keys.pairs = 0, d.keys.with_centre = 0;
    d.loss.m = 0;
  } else {
    d.keys.share = float(l.hard_positive_share);
    d.keys.extrapolation = l.extrapolation == "linear" ? Extrapolation::linear : Extrapolation::geodesic;
    d.keys.positive_classes = l.hard_positive_classes == "real" ? Classes::real : Classes::both;
    d.keys.detach_positives = l.hard_positive_grad == "detach";
    d.keys.positives_anchor = l.hard_positive_role == "anchor";
    d.keys.hard_set = l.hard_set == "global" ? HardSet::global : HardSet::anchor;
    d.keys.hard_fakes = l.hard_negatives;
    d.keys.pairs = l.fused_pairs;
    d.keys.with_centre = l.fused_centre;
    d.keys.negative_classes = l.hard_negative_classes == "real" ? Classes::real : Classes::both;
    d.keys.detach_negatives = l.hard_negative_grad == "detach";
    d.keys.queue = l.queue;
    d.loss.form = l.form == "D1" ? ContrastiveForm::joint : ContrastiveForm::separate;
    d.loss.margin = l.margin_type == "cos" ? Margin::cosine : Margin::arc;
    d.loss.m = float(l.margin);
    d.loss.tuple_weight = float(l.pair_weight);
    d.loss.tuple_factor = float(l.pair_negatives);
  }
  d.recomputed_blocks = recompute_of(c.recompute)->blocks;
  d.seed = c.seed;
  return d;
}

NetworkInput network_input(const Config& c) {
  return {c.data.img_size, resampling_of(c.data.resize), c.data.jpeg_scale};
}

OptimizerOptions optimizer_options(const Config& c) {
  using Kind = OptimizerOptions::Kind;
  OptimizerOptions o;
  o.kind = c.optim.name == "sgd" ? Kind::sgd : c.optim.name == "adamw" ? Kind::adamw : Kind::adam;
  o.beta1 = c.optim.betas[0], o.beta2 = c.optim.betas[1], o.eps = c.optim.eps;
  o.momentum = c.optim.momentum;
  o.weight_decay = c.optim.weight_decay;
  o.clip_norm = float(c.optim.clip_grad);
  o.ema_decay = c.optim.ema_decay;
  return o;
}

Policy policy_of(const Config& c) {
  Policy p;
  p.precision = c.precision == "bf16" ? DType::bf16 : DType::f32;
  p.tf32 = c.precision == "tf32";
  p.workspace_limit = size_t(c.workspace_limit) << 20;
  return p;
}

std::string precision_note(const Config& c, const Device& device) {
  if (device.computes(policy_of(c).precision)) return {};
  return "no instructions for " + c.precision + " (AVX512_BF16 or AMX) on this processor: fp32 instead";
}

ScheduleOptions schedule_options(const Config& c, int64_t steps, int64_t steps_per_epoch) {
  ScheduleOptions s;
  s.steps = steps;
  s.rate = c.optim.lr;
  s.shape = c.optim.sched;
  s.warmup_steps = c.optim.warmup_epochs * double(steps_per_epoch);
  s.final_rate = c.optim.min_lr;
  s.decay_steps = c.optim.decay_epochs * double(steps_per_epoch);
  s.decay_rate = c.optim.decay_rate;
  const bool mixed = c.loss.objective == "full" || c.loss.objective == "supcon";
  s.objective_weight = mixed                        ? c.loss.beta
                       : c.loss.objective == "scl"  ? c.loss.scl_weight
                       : c.loss.objective == "core" ? c.loss.core_weight
                                                    : 0;
  s.cross_entropy_weight = mixed ? 1 - c.loss.beta : 1;
  s.objective_start = c.loss.warmup_share;
  s.hard_positive_start = c.loss.hard_positive_start;
  s.hard_negative_start = c.loss.hard_negative_start;
  return s;
}

}  // namespace rc
