#!/bin/bash
# Exported models: run.sh BUILD_FOLDER (TAP). Each backbone is exported and run by plain loops; then by ONNX's checker and by onnxruntime, where these are.
set -uo pipefail
cd "$(dirname "$0")/../.."
readonly BUILD=$1 CASES=build/onnx/cases

. tests/doctest_rung.sh
rm -rf "$CASES" && mkdir -p "$CASES"
ONNX_CASES=$CASES doctest_rung onnx

if /usr/bin/python3 -c 'import onnx' 2> /dev/null; then /usr/bin/python3 tests/onnx/check.py "$CASES"
else echo "ok checker # SKIP no onnx for /usr/bin/python3"; fi

# The runtime is a package of Node, kept in build/.
runtime() {
  command -v node npm > /dev/null || { echo "ok runtime # SKIP no node and npm"; return; }
  cp tests/onnx/package.json tests/onnx/run.mjs build/onnx
  [[ -d build/onnx/node_modules/onnxruntime-web ]] || (cd build/onnx && timeout 120 npm install --no-package-lock --no-audit --no-fund --silent > npm.log 2>&1) ||
    { echo "ok runtime # SKIP onnxruntime-web cannot be installed: $(tail -1 build/onnx/npm.log)"; return; }
  node build/onnx/run.mjs "$CASES" || echo "not ok onnxruntime stopped"
}
runtime
rm -rf "$CASES"  # hundreds of megabytes
