#include "train/detector_config.h"

namespace rc {

DetectorOptions detector_options(const Config& c) {
  DetectorOptions d;
  d.backbone = c.model.name;
  d.embed_dim = c.model.embed_dim;
  d.contrastive = c.loss.objective == "full";
  d.keys.share = float(c.loss.hard_positive_share);
  d.keys.hard_fakes = c.loss.hard_negatives;
  d.keys.pairs = c.loss.fused_pairs;
  d.keys.with_centre = c.loss.fused_centre;
  d.keys.centre_keep = float(c.loss.centre_momentum);
  d.loss.form = c.loss.form == "D1" ? ContrastiveForm::joint : ContrastiveForm::separate;
  d.loss.margin = c.loss.margin_type == "cos" ? Margin::cosine : Margin::arc;
  d.loss.m = float(c.loss.margin);
  d.loss.temperature = float(c.loss.temperature);
  d.seed = c.seed;
  return d;
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

Policy policy_of(const Config& c) { return {.precision = c.precision == "bf16" ? DType::bf16 : DType::f32}; }

ScheduleOptions schedule_options(const Config& c, int64_t steps, int64_t steps_per_epoch) {
  ScheduleOptions s;
  s.steps = steps;
  s.rate = c.optim.lr;
  s.shape = c.optim.sched;
  s.warmup_steps = c.optim.warmup_epochs * double(steps_per_epoch);
  s.final_rate = c.optim.min_lr;
  s.decay_steps = c.optim.decay_epochs * double(steps_per_epoch);
  s.decay_rate = c.optim.decay_rate;
  s.contrastive_weight = c.loss.beta;
  s.contrastive_start = c.loss.warmup_share;
  s.hard_positive_start = c.loss.hard_positive_start;
  s.hard_negative_start = c.loss.hard_negative_start;
  return s;
}

}  // namespace rc
