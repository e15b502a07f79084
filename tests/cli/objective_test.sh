# The objectives beside the full one: each trains, is what its name says, repeats to the byte, resumes, and gives a detector.
check_that() { if eval "$2"; then echo "ok $1"; else echo "not ok $1"; fi; }  # NAME CONDITION
value() { sed -n "$2p" "$1/metrics.jsonl" | grep -o "\"$3\":[^,}]*" | cut -d: -f2; }  # RUN STEP KEY
same_run() {  # NAME RUN RUN
  cmp -s "$2/metrics.jsonl" "$3/metrics.jsonl" && cmp -s "$2/checkpoints/last/model.safetensors" "$3/checkpoints/last/model.safetensors" &&
    cmp -s "$2/checkpoints/last/optim.safetensors" "$3/checkpoints/last/optim.safetensors" && echo "ok $1: the same bytes" || echo "not ok $1: other bytes"
}

expect "draw people for the objectives"     0 'drawn people'                  data synth -o faces --people 12 --size 64
expect "forge them for the objectives"      0 'images of 12 people'           data forge --in faces -o corpus --frames 2 --size 64
readonly FOUR=(train --data corpus --img-size 32 -b 8 --steps 4 --loss-warmup 0 --log-interval 1 --progress none --seed 3)
expect "objective ce: four steps"           0 'weights sha256='               "${FOUR[@]}" --objective ce -o ce

# NAME, and the weights of cross-entropy and of the objective in the loss.
while read -r name ce weight; do
  expect "objective $name: four steps"      0 'weights sha256='               "${FOUR[@]}" --objective "$name" -o "$name"
  check_that "objective $name: starts from the same weights and batch as ce" '[[ -n $(value ce 1 loss_ce) && $(value $name 1 loss_ce) == "$(value ce 1 loss_ce)" ]]'
  check_that "objective $name: goes elsewhere" '[[ $(value $name 4 loss_ce) != "$(value ce 4 loss_ce)" ]]'
  for step in 1 2 3 4; do  # printed doubles of fp32 parts: a sum of two, good to 1e-7 of it
    check_that "objective $name: the loss of step $step is the sum of its parts" 'awk -v l="$(value $name $step loss)" -v c="$(value $name $step loss_ce)" \
      -v o="$(value $name $step loss_$name)" "BEGIN { d = l - ($ce * c + $weight * o); exit !(o > 0 && d * d < 1e-14 * l * l) }"'
  done
  expect "objective $name: two steps"       0 'weights sha256='               "${FOUR[@]}" --objective "$name" --max-steps 2 -o "$name-halves"
  expect "objective $name: and two more"    0 'step 4'                        train --resume -j 1 -o "$name-halves"
  same_run "objective $name: in halves, with other workers" "$name" "$name-halves"
  expect "objective $name: in bf16"         0 'weights sha256='               "${FOUR[@]}" --objective "$name" --precision bf16 -o "$name-bf16"
  expect "objective $name: evaluated"       0 'SelfBlend'                     eval -w "$name" --data corpus --split all
  expect "objective $name: predicts"        0 'P(fake)'                       predict -w "$name" faces/faces
done <<< 'supcon 0.5 0.5
scl 1 0.5
core 1 1'

# The single centre is learnt and stored; the controls that need no projection have none.
check_that "scl stores its centre"          'grep -qa "\"scl.centre\"" scl/checkpoints/last/model.safetensors'
check_that "core and scl have no projection" '! grep -qa "\"projection" core/checkpoints/last/model.safetensors scl/checkpoints/last/model.safetensors'
check_that "supcon has a projection"        'grep -qa "\"projection" supcon/checkpoints/last/model.safetensors'
expect "scl: another margin is another loss" 0 'weights sha256='              "${FOUR[@]}" --objective scl --scl-margin 0.6 -o scl-margin
# 0.3 sqrt(D) more, D = 512, since the fakes are not that far away: of losses below 64, each good to a few units of 4e-6.
check_that "scl: the margin is in units of sqrt(D)" 'awk -v a="$(value scl 1 loss_scl)" -v b="$(value scl-margin 1 loss_scl)" "BEGIN { d = b - a - 0.3 * sqrt(512); exit !(d * d < 4e-10) }"'
expect "core: one view has nothing to agree with" 2 'sampler.views'           "${FOUR[@]}" --objective core --views 1 -o one-view
expect "an objective that is none"          2 'full|supcon|scl|core|ce'         "${FOUR[@]}" --objective dcl -o none
