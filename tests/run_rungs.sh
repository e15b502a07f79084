#!/bin/bash
# Runs every rung of the ladder that this machine can run: run_rungs.sh BUILD_FOLDER. Ends with one line, 'N passed, N failed, N skipped'.
# A rung is a command that speaks TAP: 'ok NAME', 'not ok NAME' and 'ok NAME # SKIP WHY', one line a case; it shows its own complaints on other lines.
set -uo pipefail
cd "$(dirname "$0")/.."
readonly BUILD=$1
export OMP_WAIT_POLICY=passive  # threads that spin while they wait take the processor from whoever they wait for
XDG_CACHE_HOME=$(mktemp -d)     # plans are searched anew, and the user's are left alone
export XDG_CACHE_HOME
trap 'rm -rf "$XDG_CACHE_HOME" "$said"' EXIT

. tests/doctest_rung.sh

# Every test case belongs to a rung, and a failing one is seen: the planted suite fails by design.
ladder_rung() {
  local strays; strays=$("$BUILD/tests/run" --test-suite-exclude=unit,host,fibers,faults,fuzz,onnx,cudnn-plans,planted --list-test-cases --no-colors | grep -v '^\[doctest\]\|^=*$')
  [[ -z $strays ]] && echo "ok every test case is in a rung" || echo "not ok in no rung: $strays"
  [[ $(doctest_rung planted 2>&1) == *'not ok'* ]] && echo "ok a failing case is counted" || echo "not ok a failing case is not counted"
  [[ $(doctest_rung unit /bin/false 2>&1) == *'not ok'* ]] && echo "ok a crash is counted" || echo "not ok a crash is not counted"
}

# The corpus, then new inputs for a while, and for six times as long those of weights: the files that people fetch from strangers.
fuzz_rung() {
  doctest_rung fuzz
  tests/fuzz/run.sh "${FUZZ_SECONDS:-10}" 6
}

said=$(mktemp -d)
perform() {  # NAME COMMAND...
  local start=$SECONDS
  "${@:2}" > "$said/$1" 2>&1
  echo $((SECONDS - start)) > "$said/$1.seconds"
}
# Runs beside the rungs that follow, until its own turn.
begin() { perform "$@" & }

total_passed=0 total_failed=0 total_skipped=0
rung() {  # NAME [COMMAND...]: without a command, one that was begun
  local name=$1 out passed failed skipped
  if (($# > 1)); then perform "$@"; else wait; fi
  [[ -e $said/$name.seconds ]] || echo "not ok $name: it was cut off" >> "$said/$name"
  out=$(< "$said/$name")
  grep -vE '^ok ' <<< "$out" | grep .
  grep -E '^ok .* # SKIP ' <<< "$out" | sed 's/^ok .* # SKIP /  skipped: /' | sort | uniq -c
  failed=$(grep -c '^not ok ' <<< "$out")
  skipped=$(grep -c '^ok .* # SKIP ' <<< "$out")
  passed=$(($(grep -c '^ok ' <<< "$out") - skipped))
  ((passed + failed + skipped > 0)) || { failed=1; echo "not ok $name: it reported nothing"; }
  printf 'rung %-11s %5d pass %5d fail %5d skip %6d s\n' "$name" "$passed" "$failed" "$skipped" "$(cat "$said/$name.seconds" 2> /dev/null)"
  ((total_passed += passed, total_failed += failed, total_skipped += skipped))
}

rung ladder   ladder_rung
rung includes tests/includes/check.sh
rung names    tests/names.sh
rung style    tests/style.sh
begin host    doctest_rung host  # it leaves most of a second processor idle
rung unit     doctest_rung unit
rung fibers   doctest_rung fibers
rung faults   doctest_rung faults
rung onnx     tests/onnx/run.sh "$BUILD"
rung compile  tests/compile/kernels.sh
rung cudnn-plans doctest_rung cudnn-plans
rung host
rung fuzz     fuzz_rung
rung emulated tests/emulated/run.sh "$BUILD"
rung parity   tests/parity/run.sh parity "$BUILD"
rung sanitize tests/parity/run.sh sanitize "$BUILD"
rung cli      tests/cli/all.sh "$BUILD/realcentric"

echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
((total_failed == 0))
