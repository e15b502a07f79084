#!/bin/bash
# Builds the committed state in two clones whose paths differ in length and compares the two programs byte for byte, and first, where there is nvcc, its
# objects: these say which kernel differs.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for clone in a a_clone/with/a_longer/path; do
  git clone --quiet . "$folder/$clone"
  make --silent --directory="$folder/$clone" > /dev/null
  (cd "$folder/$clone/build/release" && sha256sum realcentric)
done
(cd "$folder/a" && find build -path 'build/nvcc/*.o') | while read -r object; do cmp "$folder/a/$object" "$folder/a_clone/with/a_longer/path/$object"; done
cmp "$folder"/a/build/release/realcentric "$folder"/a_clone/with/a_longer/path/build/release/realcentric
echo "the two builds are identical"
