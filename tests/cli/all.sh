#!/bin/bash
# The program as a user meets it: all.sh PROGRAM runs every *_test.sh of this folder in an empty folder of its own (TAP).
set -uo pipefail
readonly HERE=$(cd "$(dirname "$0")" && pwd)
export REALCENTRIC; REALCENTRIC=$(realpath "$1")
source "$HERE/expect.sh"

# Planted: a program that exits otherwise, or says something else, must turn a case red.
[[ $(REALCENTRIC=/bin/false expect planted 0 '') == *'not ok'* ]] && echo "ok a wrong exit code is seen" || echo "not ok a wrong exit code is not seen"
[[ $(REALCENTRIC=/bin/echo expect planted 0 'something else' hello) == *'not ok'* ]] && echo "ok a wrong text is seen" || echo "not ok a wrong text is not seen"

# One script a core at a time, the longest first, so that none runs on alone at the end; what they say comes in the order of their names.
said=$(mktemp -d)
for script in "$HERE"/{train,objective,video,ablate}_test.sh "$HERE"/*_test.sh; do
  [[ ! -e $said/$(basename "$script") ]] || continue
  touch "$said/$(basename "$script")"
  while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n; done
  (
    folder=$(mktemp -d)
    (cd "$folder" && source "$script") || echo "not ok $(basename "$script") stopped early"
    chmod -R u+w "$folder" && rm -rf "$folder"
  ) > "$said/$(basename "$script")" 2>&1 &
done
wait
cat "$said"/*
rm -r "$said"
