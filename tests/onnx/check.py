"""ONNX's own checker, with shape inference, on every model of a folder (TAP): check.py FOLDER."""
import glob
import os
import sys

import onnx

for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.onnx"))):
    name = os.path.basename(path)
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        print(f"ok the checker takes {name}")
    except Exception as error:  # whatever it complains of
        print(f"    {error}\nnot ok the checker takes {name}")

# Planted: a convolution that reads what nobody made.
model.graph.node[0].input[0] = "nothing"
try:
    onnx.checker.check_model(model, full_check=True)
    print("not ok the checker refuses a damaged model")
except onnx.checker.ValidationError:
    print("ok the checker refuses a damaged model")
