#!/bin/bash
# Builds the committed state in two clones whose paths differ in length and compares the two programs byte for byte.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for clone in a a_clone/with/a_longer/path; do
  git clone --quiet . "$folder/$clone"
  make --silent --directory="$folder/$clone" > /dev/null
  (cd "$folder/$clone/build/release" && sha256sum realcentric)
done
cmp "$folder"/a/build/release/realcentric "$folder"/a_clone/with/a_longer/path/build/release/realcentric
echo "the two builds are identical"
