#!/bin/bash
# The whole path, from nothing to a detector that is tested on people it has never seen: demo.sh PROGRAM. All it makes lies under demo/.
# QUICK=1 takes generated faces and a few minutes' training less, and fails unless training learned.
# Faces that were fetched, cropped and forged by an earlier run are kept; training and evaluation run anew.
set -euo pipefail
readonly REALCENTRIC=$1 QUICK=${QUICK:-0}
readonly DEMO=demo/$([[ $QUICK == 1 ]] && echo quick || echo full)

step() { printf '\n== %s\n' "$*"; }
once() {  # OUTPUT COMMAND...: runs the command unless it has already finished once
  local output=$1
  shift
  [[ -e $output.done ]] && { echo "kept $output"; return; }
  rm -rf "$output"
  "$@" -o "$output"
  touch "$output.done"
}

mkdir -p "$DEMO"
if [[ $QUICK == 1 ]]; then
  step "Generated faces and forgeries"
  once "$DEMO/corpus" "$REALCENTRIC" data synth --videos 40 --seed 1
  readonly BUDGET=(--epochs 4 --img-size 64 -b 16)
else
  step "Real photographs"
  once "$DEMO/photos" "$REALCENTRIC" data fetch-faces
  step "Faces and landmarks"
  once "$DEMO/faces" "$REALCENTRIC" data prepare --in "$DEMO/photos"
  step "Forgeries of them, split by person"
  once "$DEMO/corpus" "$REALCENTRIC" data forge --in "$DEMO/faces" --seed 1
  readonly BUDGET=(--epochs 10 --img-size 64 -b 32)
fi

for objective in ce full; do
  step "Training: $([[ $objective == ce ]] && echo 'bare cross-entropy, the baseline' || echo 'the full real-centric objective'), equal budget and seed"
  rm -rf "$DEMO/runs/$objective"
  "$REALCENTRIC" train --data "$DEMO/corpus" --objective "$objective" --seed 1 "${BUDGET[@]}" -o "$DEMO/runs/$objective"
  step "People never seen in training"
  "$REALCENTRIC" eval -w "$DEMO/runs/$objective" --data "$DEMO/corpus" --split test -o "$DEMO/runs/$objective/eval/test"
done
