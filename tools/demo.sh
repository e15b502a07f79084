#!/bin/bash
# The whole path, from nothing to a detector that is tested on people it has never seen: demo.sh PROGRAM. All that it makes lies under demo/.
# QUICK=1: generated faces, a short training, and an error unless training learned.
# Photographs, faces and forgeries of an earlier run are kept; training and evaluation run anew.
set -euo pipefail
readonly REALCENTRIC=$1 QUICK=${QUICK:-0}

# Threads that wait for work sleep: spinning takes the processor from whoever they wait for on a machine with other work.
export OMP_WAIT_POLICY=passive

# One light view and a late start of the contrastive part: from scratch and within minutes, the classifier must find the traces of forging first.
readonly RECIPE=(--seed 1 --projection mlp-bn -b 32 --views 1 --lr 5e-4 --sched cosine --weight-decay 1e-4 --loss-warmup 0.3 --hard-positive-start 0.4 --hard-negative-start 0.4 --val-interval 3)
if [[ $QUICK == 1 ]]; then
  readonly DEMO=demo/quick CORPUS=(--frames 4 --size 128)
  readonly BUDGET=(--img-size 96 --steps 120)
else
  readonly DEMO=demo CORPUS=()
  readonly BUDGET=(--img-size 112 --steps 700)
fi
mkdir -p "$DEMO"

step() { printf '\n== %s\n' "$*"; }
make_once() {  # FOLDER COMMAND...: the command makes the folder as a whole or not at all
  if [[ -e $1 ]]; then echo "kept from an earlier run: $1"; else "$REALCENTRIC" "${@:2}" -o "$1"; fi
}

if [[ $QUICK == 1 ]]; then
  step "Generated faces"
  make_once "$DEMO/faces" data synth --seed 1
else
  step "Real photographs"
  make_once "$DEMO/photos" data fetch-faces
  cat "$DEMO/photos/SOURCE.txt"
  step "Faces and landmarks in them"
  make_once "$DEMO/faces" data prepare --in "$DEMO/photos"
fi
step "Forgeries of them, split by person"
make_once "$DEMO/corpus" data forge --in "$DEMO/faces" --seed 1 "${CORPUS[@]}"

train_and_test() {  # OBJECTIVE TITLE
  step "Training: $2"
  rm -rf "$DEMO/runs/$1"
  "$REALCENTRIC" train --data "$DEMO/corpus" --objective "$1" "${RECIPE[@]}" "${BUDGET[@]}" -o "$DEMO/runs/$1"
  step "Test on people never seen: $2"
  "$REALCENTRIC" eval -w "$DEMO/runs/$1" --data "$DEMO/corpus" --split test | tee "$DEMO/runs/$1/table.txt"
  "$REALCENTRIC" report "$DEMO/runs/$1" > /dev/null
}
train_and_test ce   "cross-entropy alone, the baseline at the same budget and seed"
train_and_test full "the whole real-centric objective (a reconstruction)"

step "AUC of frames of people never seen, equal budget and seed"
awk '/^$/ { nextfile } FNR > 2 && NF > 5 { if (FNR == NR) { name[++n] = $1; ce[n] = $6 } else full[++m] = $6 }
  END { printf "%-12s %15s %15s\n", "forgery", "cross-entropy", "full objective"
        for (i = 1; i <= n; ++i) printf "%-12s %15s %15s\n", i == 1 ? "all" : name[i], ce[i], full[i] }' \
  "$DEMO/runs/ce/table.txt" "$DEMO/runs/full/table.txt"
echo "run folders: $DEMO/runs/ce and $DEMO/runs/full, each with its report.html; forgeries to look at: $DEMO/corpus/preview.png"

if [[ $QUICK == 1 ]]; then
  auc=$(awk '/^$/ { exit } $1 == "test" { print $6 }' "$DEMO/runs/full/table.txt")
  awk -v auc="$auc" 'BEGIN { exit !(auc > 0.7) }' || { echo "training did not learn: test AUC $auc is not above 0.7" >&2; exit 1; }
fi
