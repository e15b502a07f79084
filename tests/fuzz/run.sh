#!/bin/bash
# Fuzzes the parsers of what comes from outside: run.sh SECONDS [TIMES], so long for each target, TIMES as long for those of weights, as many at once as
# there are processors (TAP). Needs clang with libFuzzer. What made a target fail is left in build/fuzz/found/; new inputs that reach new code are kept in
# build/fuzz/corpus/ for the next time.
set -uo pipefail
cd "$(dirname "$0")/../.."
readonly SECONDS_EACH=$1 TIMES=${2:-1} RUN=build/fuzz/run

clang=${FUZZ_CXX:-clang++}
echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
  "$clang" -x c++ -fsanitize=fuzzer,address,undefined - -o /dev/null 2> /dev/null || { echo "ok fuzzing # SKIP no clang++ with libFuzzer"; exit; }
mkdir -p build/fuzz/found
make -s "$RUN" > build/fuzz/log 2>&1 || { cat build/fuzz/log; echo "not ok the fuzz targets do not build"; exit; }

# What is read by its path is written in memory where that is possible, which is ten times as fast.
[[ -w /dev/shm ]] && export TMPDIR=/dev/shm

# One target: reading takes at most 5 s and 1 GiB, and no allocation is above 256 MiB.
fuzz() {  # TARGET SECONDS
  mkdir -p "build/fuzz/corpus/$1" "tests/fuzz/corpus/$1"
  local log=build/fuzz/$1.log
  if "$RUN" "$1" -max_total_time="$2" -timeout=5 -rss_limit_mb=1024 -malloc_limit_mb=256 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$1-" "build/fuzz/corpus/$1" "tests/fuzz/corpus/$1" > "$log" 2>&1; then
    echo "    $1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $2 s"
    echo "ok fuzzed: $1"
  else
    grep -E 'ERROR|runtime error|SUMMARY|^#[0-9] |Test unit|^[a-z].*—' "$log" | head -20
    echo "not ok fuzzed: $1; build/fuzz/$1.log"
  fi
}
export -f fuzz
export RUN

# Planted: a read past the end that only some inputs lead to.
planted=$(mktemp -d)
"$RUN" planted -max_total_time=30 -artifact_prefix="$planted/" "$planted" > "$planted/log" 2>&1
grep -q 'AddressSanitizer: heap-buffer-overflow' "$planted/log" && echo "ok the planted bug is found" || echo "not ok the planted bug is not found"
rm -r "$planted"

"$RUN" | awk -v each="$SECONDS_EACH" -v times="$TIMES" '{ print $1, each * ($2 == "weights" ? times : 1) }' |
  xargs -P "$(nproc)" -n 2 bash -c 'fuzz "$@"' fuzz
