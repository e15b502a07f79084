#!/bin/bash
# The unit and host rungs under the address and undefined-behaviour sanitizers, and the loader's tests under the thread sanitizer. OpenMP's own library is
# not instrumented and would be blamed for its barriers, so the thread sanitizer sees only what uses threads of our own.
set -euo pipefail
cd "$(dirname "$0")/.."

planted() {  # PROGRAM CASE: a sanitizer that misses its planted fault is not at work
  if "$1" --test-suite=planted --test-case="$2" --no-skip > /dev/null 2>&1; then
    echo "the sanitizer of $1 missed a planted fault: $2"
    exit 1
  fi
}

make KIND=asan tests
planted build/asan/tests/run 'a read past the end'
planted build/asan/tests/run 'a signed overflow'
UBSAN_OPTIONS=print_stacktrace=1 build/asan/tests/run --test-suite=unit,host

make KIND=tsan tests
planted build/tsan/tests/run 'a data race'
TSAN_OPTIONS=halt_on_error=1 build/tsan/tests/run --source-file='*loader*'
