#!/bin/bash
# The CUDA objects of the program, as nvcc made them, on the CPU under the PTX emulator (TAP): run.sh BUILD_FOLDER. Every kernel by the tests of
# tests/kernels, then the whole of tests/emulated, in three ways: plain; all checkers on, in random orders of warps and blocks; and with nothing run until
# something waits for it.
set -uo pipefail
cd "$(dirname "$0")/../.."
readonly BUILD=$1 PROGRAM=$1/tests/run_emulated
. tests/doctest_rung.sh

[[ -n ${PTX_EMULATOR:-} ]] || { echo "ok emulated # SKIP no PTX emulator"; exit; }
[[ -x $PROGRAM ]] || { echo "ok emulated # SKIP no CUDA device in this build"; exit; }

kernels() {  # NAME [VARIABLE=VALUE...]
  (export PTXEMU_TRACE=1 "${@:2}"; doctest_rung "kernels, $1" "$PROGRAM" --source-file='*tests/kernels/*' > "$log/kernels, $1")
}
rest() {  # NAME FILTER [VARIABLE=VALUE...]
  ([[ $# == 2 ]] || export "${@:3}"; doctest_rung "$1" "$PROGRAM" --source-file-exclude="*tests/kernels/*$2" --test-suite-exclude=planted > "$log/$1")
}

log=$(mktemp -d)
trap 'rm -r "$log"' EXIT
# One a processor at a time, the longest first.
beside() {
  while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n; done
  "$@" &
}
for seed in 1 2 3; do beside kernels "checked $seed" PTXEMU_CHECK=all "PTXEMU_SCHED=rand:$seed"; done
beside rest plain ''
beside rest lazy '' PTXEMU_ASYNC=lazy
beside kernels plain
beside kernels lazy PTXEMU_ASYNC=lazy
for seed in 1 2 3; do  # the checkers would take gigabytes for the network of training_test.cc
  beside rest "checked $seed" ',*/training_test.cc' PTXEMU_CHECK=all "PTXEMU_SCHED=rand:$seed"
done
wait
cat "$log"/* | grep -v '^cudart_emu: launch '

# Every kernel of the program was launched by the tests of kernels.
nm "$BUILD/realcentric" | sed -nE 's/.* [tTW] _ZN2rcL?(9rc_kernelI[A-Za-z0-9_]*)$/_ZN2rc\1/p' | sort -u > "$log/names"
sed -n 's/^cudart_emu: launch \([^ ]*\) .*/\1/p' "$log/kernels, plain" | sort -u > "$log/launched"
while read -r kernel; do
  grep -qx "$kernel" "$log/launched" && echo "ok $kernel has a case" || echo "not ok $(c++filt "$kernel") has no case in tests/kernels"
done < "$log/names"
[[ -s $log/names ]] || echo "not ok the program has no kernels"

PTXEMU_CHECK=all doctest_rung planted "$PROGRAM" | grep -q '^not ok' && echo "ok a race fails its case" || echo "not ok a race does not fail its case"
