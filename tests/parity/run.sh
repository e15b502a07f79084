#!/bin/bash
# What only a GPU can show (TAP): run.sh parity | sanitize BUILD_FOLDER. Parity: every kernel by its tests, and training, on the GPU against the CPU.
# Sanitize: the kernels' tests under compute-sanitizer's checkers.
set -uo pipefail
cd "$(dirname "$0")/../.."
readonly WHAT=$1 BUILD=$2 PROGRAM=$2/tests/run_parity
. tests/doctest_rung.sh

skip() { echo "ok $WHAT # SKIP $1"; exit; }
devices=$("$BUILD/realcentric" info | sed -n 's/^device *//p' | tail -n +2)
[[ $devices == cuda:* ]] || skip "no GPU${devices:+: $devices}"
[[ -x $PROGRAM ]] || { echo "not ok $WHAT: there is a GPU, but no $PROGRAM"; exit; }

if [[ $WHAT == parity ]]; then
  doctest_rung parity "$PROGRAM"
  doctest_rung "parity of kernels" "$PROGRAM" --source-file='*tests/kernels/*'
  exit
fi

sanitizer=$(command -v compute-sanitizer || echo /usr/local/cuda/bin/compute-sanitizer)
[[ -x $sanitizer ]] || skip "no compute-sanitizer"
for tool in memcheck racecheck synccheck; do
  log=$("$sanitizer" --tool "$tool" --error-exitcode 99 --launch-timeout 60 "$PROGRAM" --source-file='*tests/kernels/*' 2>&1) && echo "ok $tool" ||
    { tail -40 <<< "$log"; echo "not ok $tool"; }
done
