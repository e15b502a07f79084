# plan: what a step would take on a GPU that is not here. Needs cuDNN; without it the one thing to see is the error.
readonly SMALL=(plan --img-size 32 --batch 8 --precision bf16)
expect "plan: no GPU named"                2 '--gpu h100'                      plan
expect "plan: a mistyped GPU"              2 'did you mean "h100"?'            plan --gpu h10
expect "plan: a mistyped GPU of several"   2 'did you mean "b200"?'            plan --compare h100,b20
expect "plan: no number of a GPU"          2 'unknown GPU "cuda:x"'            plan --gpu cuda:x
expect "plan: one or several"              2 '--gpu'                           plan --gpu h100 --compare a100,h100
echo '{"deviceName": "torn' > torn.json
echo '[1]' > list.json
expect "plan: no such description"         3 'absent.json'                     plan --gpu absent.json
expect "plan: a torn description"          3 'torn.json'                       plan --gpu torn.json
expect "plan: a description of nothing"    3 'list.json'                       plan --gpu list.json
expect "plan: an unknown precision"        2 'precision'                       plan --gpu h100 --precision fp8

if out=$("$REALCENTRIC" "${SMALL[@]}" --gpu h100 2>&1); then
  expect "plan: a step"                    0 'largest batch that fits is'      "${SMALL[@]}" --gpu h100
  expect "plan: an estimate says so"       0 'An estimate, not a measurement'  "${SMALL[@]}" --gpu a100
  expect "plan: every op"                  0 'conv2d.weight_grad'              "${SMALL[@]}" --gpu h100 --ops
  expect "plan: three precisions"          0 'tf32'                            plan --img-size 32 --batch 8 --gpu a100 --precision tf32
  expect "plan: inference of one image"    0 'one step of inference: 1 images' plan --img-size 32 --batch 1 --gpu h100 --inference
  expect "plan: side by side"              0 'NVIDIA B200'                     "${SMALL[@]}" --compare a100,h100,b200
  expect "plan: scratch memory within"     0 'largest batch'                   "${SMALL[@]}" --gpu h100 --workspace-limit 1
  expect "plan: what does not fit"         0 'too large'                       plan --gpu rtx4090 --batch 40000 --img-size 256
  expect "plan: the arena drawn"           0 ''                                "${SMALL[@]}" --gpu h100 --svg arena.svg
  /usr/bin/python3 - << 'PYTHON' && echo "ok plan: the picture is XML" || echo "not ok plan: the picture is no XML"
import xml.dom.minidom as xml
svg = xml.parse("arena.svg").documentElement
assert svg.tagName == "svg" and len(svg.getElementsByTagName("title")) > 50
PYTHON
  "$REALCENTRIC" "${SMALL[@]}" --gpu h100 --json 2> /dev/null > plan.json
  /usr/bin/python3 - << 'PYTHON' && echo "ok plan: as JSON, its numbers add up" || echo "not ok plan: JSON: $(head -c 300 plan.json)"
import json
plan, = json.load(open("plan.json"))["plans"]
total = sum(op["seconds"] for op in plan["ops"])
assert abs(total / plan["seconds"] - 1) < 1e-12 and abs(plan["images"] / total / plan["images_per_second"] - 1) < 1e-12
assert max(b["offset"] + b["bytes"] for b in plan["buffers"]) <= plan["memory"]["arena"]
assert all(max(op["flops"] / plan["gpu"]["bf16"], op["bytes"] / plan["gpu"]["memory_bandwidth"]) <= op["seconds"] * (1 + 1e-12) for op in plan["ops"])
PYTHON
else
  echo "ok plan: a step # SKIP no plans on this machine: $(head -1 <<< "$out")"
  expect "plan: without cuDNN"             4 ''                                "${SMALL[@]}" --gpu h100
fi
