# For scripts of rungs: doctest_rung SUITE [PROGRAM [FILTER...]] runs one doctest suite, or what the filters say, and speaks TAP. A crash is a failure; a
# case that says "skipped: why" by MESSAGE did not run.
doctest_rung() {
  local suite=$1 program=${2:-$BUILD/tests/run} log status=0 passed failed
  local filters=("${@:3}"); ((${#filters[@]})) || filters=(--test-suite="$suite")
  log=$("$program" "${filters[@]}" --no-skip --no-colors 2>&1) || status=$?
  grep -vE '^\[doctest\]|^=+$|^$' <<< "$log"
  read -r passed failed < <(sed -nE 's/^\[doctest\] test cases: .*\| +([0-9]+) passed \| +([0-9]+) failed.*/\1 \2/p' <<< "$log")
  local skipped; skipped=$(grep -c 'MESSAGE: skipped: ' <<< "$log")
  [[ -n ${passed:-} ]] || { echo "not ok $suite: the test program ended without a summary, exit status $status"; return; }
  ((status == 0 || failed > 0)) || echo "not ok $suite: exit status $status"
  ((passed + failed > 0)) || echo "not ok $suite: no test case is in this suite"
  for ((i = 0; i < passed - skipped; ++i)); do echo "ok $suite"; done
  for ((i = 0; i < failed; ++i)); do echo "not ok $suite"; done
  sed -n 's/.*MESSAGE: skipped: \(.*\)/ok '"$suite"' # SKIP \1/p' <<< "$log"
}
