# profile: a step by op, and the same as a trace. Times are not judged here, but that they are told and add up.
readonly STEP=(profile --img-size 32 -b 8 --steps 2)
expect "profile: a training step"          0 'conv2d.weight_grad'               "${STEP[@]}"
expect "profile: inference, by layer"      0 'layer4.1.conv2'                   profile --img-size 32 -b 1 --mode infer --by layer --top 100 --steps 1
expect "profile: by op, in bf16"           0 'conv2d.weight_grad'               "${STEP[@]}" --by op --top 100 --precision bf16 --objective ce
expect "profile: what the others come to"  0 'others'                           "${STEP[@]}" --top 3
expect "profile: an unknown grouping"      2 '--by'                             profile --by colour
expect "profile: an unknown device"        2 'not "tpu"'                        profile --device tpu
OMP_THREAD_LIMIT=1 expect "profile: no more threads than OpenMP may have" 0 ', 1 thread' "${STEP[@]}" --threads 2 --objective ce
touch file
expect "profile: nowhere to write"         3 'cannot make folder'               "${STEP[@]}" --trace file/trace.json
"$REALCENTRIC" "${STEP[@]}" --trace trace.json --json > profile.json
/usr/bin/python3 - << 'PYTHON' && echo "ok profile: JSON and trace hold every op, spans nest, numbers agree" || echo "not ok profile: JSON or trace: $(head -c 300 profile.json)"
import json
profile, trace = json.load(open("profile.json")), json.load(open("trace.json"))
ops = profile["ops"]
assert abs(sum(op["seconds"] for op in ops) / profile["seconds"] - 1) < 1e-9 and len(profile["steps"]) == 2
assert all(op["seconds"] >= 0 and op["limit_seconds"] > 0 for op in ops) and {"forward", "backward", "update"} <= {op["phase"] for op in ops}
spans = [e for e in trace["traceEvents"] if e["ph"] == "X"]
measured = [e for e in spans if e["cat"] == "op"]
assert [e["name"] for e in measured] == 2 * [op["name"] for op in ops]
assert [e["args"]["flops"] for e in measured[:len(ops)]] == [op["flops"] for op in ops]
alive = [e["args"]["arena, MiB taken"] for e in trace["traceEvents"] if e["ph"] == "C"]
assert max(alive) == max(op["alive"] for op in ops) / 2**20 and len(alive) == 2 * (len(ops) + 1)
open_ends = {}
for e in sorted(spans, key=lambda e: (e["ts"], -e["dur"])):  # on each track a span lies within those that are open, or after them
    begin, end = round(1e3 * e["ts"]), round(1e3 * e["ts"]) + round(1e3 * e["dur"])
    stack = open_ends.setdefault(e["tid"], [])
    while stack and stack[-1] <= begin:
        stack.pop()
    assert end >= begin >= 0 and (not stack or end <= stack[-1])
    stack.append(end)
PYTHON

# Steps of a training run.
"$REALCENTRIC" data synth -o faces --people 12 --size 64 > /dev/null 2>&1 && "$REALCENTRIC" data forge --in faces -o corpus --frames 2 --size 64 > /dev/null 2>&1
readonly RUN=(train --data corpus --device cpu --img-size 32 -b 8 --steps 3 --progress none --objective ce)
expect "profile: no such steps"            2 'not a range of steps'             "${RUN[@]}" -o run --profile-steps 3:2
expect "profile: not a number"             2 'not a range of steps'             "${RUN[@]}" -o run --profile-steps two
expect "profile: steps of a run"           0 'step 3'                           "${RUN[@]}" -o run --profile-steps 2:3
expect "profile: the same run without"     0 'step 3'                           "${RUN[@]}" -o plain
[[ $(head -1 run/profile.txt) == "steps 2 to 3, cpu"* && ! -e plain/profile.txt ]] && echo "ok profile: its table is in the run folder" || echo "not ok profile: table: $(head -1 run/profile.txt)"
/usr/bin/python3 - << 'PYTHON' && echo "ok profile: the run's trace has the host beside the device" || echo "not ok profile: the run's trace"
import json
spans = [e for e in json.load(open("run/trace.json"))["traceEvents"] if e["ph"] == "X"]
assert [e["args"]["step"] for e in spans if e["cat"] == "step"] == [2, 3]
host = [e for e in spans if e["cat"] == "host"]
assert [e["name"] for e in host] == 2 * ["wait for batch", "queue step"] and all(e["ts"] >= 0 for e in host)
for queue, step in zip(host[1::2], [e for e in spans if e["cat"] == "step"]):  # the CPU works while it queues
    assert queue["ts"] <= step["ts"] and step["ts"] + step["dur"] <= queue["ts"] + queue["dur"] + 1e-3
PYTHON
cmp -s run/checkpoints/last/model.safetensors plain/checkpoints/last/model.safetensors && echo "ok profile: timed steps are the same bits" || echo "not ok profile: timed steps are the same bits"
(cd run && sha256sum --quiet -c SHA256SUMS) && echo "ok profile: the folder's sums hold" || echo "not ok profile: the folder's sums"
