#!/bin/bash
# Includes point downwards only, and each third-party library has its place (TAP). Also runs itself on planted faults.
set -uo pipefail
cd "$(dirname "$0")/../.."
readonly CHECK=tests/includes/includes.awk

complaints() {  # ROOT
  (cd "$1" && find engine kernels model data train tools tests \( -name '*.h' -o -name '*.cc' \) 2> /dev/null | sort | xargs awk -f "$OLDPWD/$CHECK")
}

found=$(complaints .)
[[ -z $found ]] && echo "ok includes point downwards" || { echo "$found"; echo "not ok includes point downwards"; }

# Each line of the list is a file and the include that it must not have.
while read -r file include; do
  root=$(mktemp -d)
  mkdir -p "$root/$(dirname "$file")"
  echo "#include $include" > "$root/$file"
  [[ -n $(complaints "$root") ]] && echo "ok refused: $file $include" || echo "not ok accepted: $file $include"
  rm -r "$root"
done < tests/includes/planted.txt
