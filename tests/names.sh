#!/bin/bash
# The name of a type belongs to one file (TAP). Where two files give it to different types, the linker keeps one of each two functions that the compiler made
# of them, a destructor, say, and tells nobody: values of the one type are then destroyed as the other. Also runs itself on planted faults.
set -uo pipefail
cd "$(dirname "$0")/.."

complaints() {  # ROOT
  (cd "$1" && find engine kernels model data train tools tests \( -name '*.h' -o -name '*.cc' \) 2> /dev/null | sort | xargs awk '
    FNR == 1 { inside = ""; hidden = 0 }
    /^namespace \{/ { hidden = 1 }
    /^}  \/\/ namespace$/ { hidden = 0 }
    /^namespace [a-z_:]+ \{/ { inside = $2 }
    !hidden && match($0, /^(struct|class|union|enum|enum class) (alignas\([^)]*\) )?[A-Za-z_0-9]+( final)?( :| \{|$)/) {
      head = substr($0, RSTART, RLENGTH)
      sub(/^(struct|class|union|enum class|enum) (alignas\([^)]*\) )?/, "", head)
      match(head, /^[A-Za-z_0-9]+/)
      name = inside "::" substr(head, 1, RLENGTH)
      if (name in home && home[name] != FILENAME) print FILENAME ":" FNR ": " name " is also a type of " home[name]
      home[name] = FILENAME
    }')
}

found=$(complaints .)
[[ -z $found ]] && echo "ok a name, a type" || { echo "$found"; echo "not ok a name, a type"; }

planted() {  # WORD HEAD: both files have a type of that head; WORD: accepted or refused
  local root said; root=$(mktemp -d)
  mkdir "$root/data" "$root/train"
  for file in "$root"/data/a.h "$root"/train/b.cc; do printf 'namespace rc {\n%b\n}  // namespace rc\n' "$2" > "$file"; done
  [[ $(complaints "$root") == *'is also a type of data/a.h'* ]] && said=refused || said=accepted
  [[ $said == "$1" ]] && echo "ok $1: $2" || echo "not ok $said, not $1: $2"
  rm -r "$root"
}
planted refused 'struct Range {\n  int first;\n};'
planted refused 'template <class T>\nclass alignas(64) Range final : public T {\n};'
planted refused 'enum class Range : int { low, high };'
planted accepted 'struct Range;'
planted accepted 'template <>\nstruct Range<int> {\n};'
planted accepted 'namespace {\nstruct Range {\n};\n}  // namespace'
