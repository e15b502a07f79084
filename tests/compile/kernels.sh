#!/bin/bash
# Every kernel file compiles for the GPU with nvcc, warnings as errors, from the source that the CPU runs (TAP). A kernel that did not change is not
# compiled again.
set -uo pipefail
cd "$(dirname "$0")/../.."

kernels=$(find kernels -name '*.cc' | sort)
if ! command -v nvcc > /dev/null && [[ ! -x /usr/local/cuda/bin/nvcc ]]; then
  for kernel in $kernels; do echo "ok $kernel # SKIP no nvcc"; done
  exit
fi

make --silent --keep-going kernels-cuda | grep -v '^build '
for kernel in $kernels; do
  [[ -e build/nvcc/${kernel%.cc}.o ]] && echo "ok $kernel" || echo "not ok $kernel does not compile for the GPU"
done
make --silent build/nvcc/tests/compile/planted.o > /dev/null 2>&1 && echo "not ok a kernel that calls the host compiles" || echo "ok a kernel that calls the host is refused"
