#!/bin/bash
# Every kernel compiles for each architecture, warnings as errors, within the budgets that its file states, and to the same bytes in another folder (TAP).
# A kernel that did not change is not compiled again. Planted faults show that each check can fail.
set -uo pipefail
cd "$(dirname "$0")/../.."

kernels=$(find kernels -name '*.cc' | sort)
nvcc=${NVCC-$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2> /dev/null)}
if [[ -z $nvcc ]]; then
  for kernel in $kernels; do echo "ok $kernel # SKIP no nvcc"; done
  exit
fi

elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
quietly() { make --silent "$@" | grep -v '^build '; }
budgets() { tools/build/kernels.sh "${@:2}" | awk -f tests/compile/budgets.awk - $1; }  # SOURCES REPORT...

# Compiled, and within budget.
quietly PROFILE= --keep-going kernels-cuda
reports=()
for kernel in $kernels; do
  object=build/nvcc/${kernel%.cc}
  [[ -e $object.o ]] && { echo "ok $kernel"; reports+=("$object.ptxas"); } || echo "not ok $kernel does not compile for the GPU"
done
budgets "$kernels" "${reports[@]}"

planted=(PROFILE= CUDA_ARCHS=90 CUDA_BUILD=build/planted)
quietly "${planted[@]}" build/planted/tests/compile/planted_host_call.o > /dev/null 2>&1
[[ -e build/planted/tests/compile/planted_host_call.o ]] && echo "not ok a kernel that calls the host compiles" || echo "ok a kernel that calls the host is refused"
quietly "${planted[@]}" build/planted/tests/compile/planted_budgets.o
said=$(budgets tests/compile/planted_budgets.cu build/planted/tests/compile/planted_budgets.ptxas)
while read -r line; do
  grep -q "^$line" <<< "$said" && echo "ok of planted budgets: $line" || { sed 's/^/  /' <<< "$said"; echo "not ok of planted budgets is not said: $line"; }
done << 'END'
ok planted_budgets Doubles<0>
not ok planted_budgets Doubles<1>: registers
not ok planted_budgets Doubles<2>: shared 1024
not ok planted_budgets Doubles<3>: no budget
not ok planted_budgets Spills: spilled
not ok planted_budgets NoKernel: a budget, but no kernel
END

# The same bytes in a folder with a longer path. Line numbers bring paths into an object: these must be seen.
cp -r Makefile engine kernels tools "$elsewhere"
same_bytes() { cmp --silent "build/$1" "$elsewhere/build/$1"; }
quietly --directory="$elsewhere" PROFILE= build/nvcc/kernels/rows.o
same_bytes nvcc/kernels/rows.o && echo "ok the same bytes in another folder" || echo "not ok kernels/rows.cc gives other bytes in another folder"
for folder in . "$elsewhere"; do quietly --directory="$folder" PROFILE=1 CUDA_ARCHS=90 CUDA_BUILD=build/lines build/lines/kernels/rows.o; done
same_bytes lines/kernels/rows.o && echo "not ok a path in an object is not seen" || echo "ok a path in an object is seen"

# The report's occupancy is what NVIDIA's own calculator says, for many lanes, registers and bytes of shared memory.
cases=$(awk 'BEGIN {
  OFS = "\t"
  for (n = split("80 86 89 90 100 120", arch, " "); n > 0; --n)
    for (lanes = 32; lanes <= 256; lanes += 32)
      for (registers = 17; registers <= 255; registers += 14)
        for (shared = 0; shared <= 90000; shared += 22499) print "case" ++i, "kernel", arch[n], lanes, registers, shared, 0, 0
}')
occupancy() { awk -f tools/build/occupancy.awk | awk '$1 ~ /^case/ { print $7 }'; }
"$nvcc" -std=c++20 -cudart none tests/compile/nvidia_occupancy.cpp -o "$elsewhere/nvidia_occupancy"
nvidia=$(cut -f3-6 <<< "$cases" | "$elsewhere/nvidia_occupancy")
[[ -n $nvidia && $(occupancy <<< "$cases") == "$nvidia" ]] && echo "ok occupancy" || echo "not ok occupancy is not what NVIDIA's calculator says"
[[ $(awk 'BEGIN { FS = OFS = "\t" } { $5 += 8 } 1' <<< "$cases" | occupancy) == "$nvidia" ]] && echo "not ok another occupancy is not seen" || echo "ok another occupancy is seen"
