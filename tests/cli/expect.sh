# Sourced by the scripts of this folder: black-box cases of the program $REALCENTRIC, in TAP. Each script gets an empty folder as its working directory.

# expect NAME EXIT_CODE TEXT ARGUMENT...: the program must exit so and say TEXT; an error is reported as one, never as a crash.
expect() {
  local name=$1 code=$2 text=$3 out status=0 wrong=
  shift 3
  out=$(timeout 120 "$REALCENTRIC" "$@" 2>&1 < /dev/null) || status=$?
  [[ $status == "$code" ]] || wrong+=" exit $status instead of $code;"
  [[ $out == *"$text"* ]] || wrong+=" does not say '$text';"
  [[ $code == 0 || $code -ge 128 || $out == *'realcentric: error: '* ]] || wrong+=" no line 'realcentric: error: …';"
  if [[ -z $wrong ]]; then echo "ok $name"; else
    sed 's/^/    /' <<< "$out" | tail -20
    echo "not ok $name:$wrong"
  fi
}

# expect_file NAME FILE: the file is there and not empty.
expect_file() { [[ -s $2 ]] && echo "ok $1" || echo "not ok $1: no $2"; }
