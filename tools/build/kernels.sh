#!/bin/bash
# What ptxas says about every kernel: kernels.sh REPORT..., the .ptxas files of the build. One line a kernel and architecture, fields apart by tabs:
#   file  kernel  architecture  lanes  registers  shared  stack  spilled
# shared: bytes of a block that do not depend on shapes; stack and spilled: bytes of a thread.
set -euo pipefail

for report in "$@"; do
  c++filt < "$report" | awk -v file="$(basename "$report" .ptxas)" '
    BEGIN { OFS = "\t" }
    /Compiling entry function/ {  # ... function \47void rc::rc_kernel<rc::Cast<float, rc::Bf16>, 256, 0ul>(...)\47 for \47sm_80\47
      arch = $NF
      gsub(/[^0-9]/, "", arch)
      sub(/^.*rc_kernel</, ""); sub(/>\(.*$/, ""); gsub(/rc::/, ""); gsub(/ >/, ">")
      parts = split($0, part, ", ")
      lanes = part[parts - 1]; taken = part[parts] + 0
      kernel = substr($0, 1, length($0) - length(part[parts]) - length(lanes) - 4)
    }
    /bytes stack frame/ { stack = $1; spilled = $5 + $9 }
    /Used [0-9]+ registers/ {
      shared = match($0, /[0-9]+ bytes smem/) ? substr($0, RSTART, RLENGTH) + 0 : 0
      print file, kernel, arch, lanes, $5, shared + taken, stack, spilled
    }'
done
